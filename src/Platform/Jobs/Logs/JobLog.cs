namespace Maestro.Bus.Jobs;

/// <summary>What a job has logged and nobody has written down yet.</summary>
sealed class JobLog(int attempt, int limit)
{
    static readonly AsyncLocal<JobLog?> Ambient = new();

    readonly Lock _lock = new();
    List<JobLogLine> _lines = [];
    int _count;
    bool _isClosed;

    /// <summary>The log of the job that the current code runs for.</summary>
    public static JobLog? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public void Add(DateTimeOffset time, LogLevel level, string category, string text)
    {
        lock (_lock)
        {
            if (_isClosed)
                return;

            if (_count < limit)
                _lines.Add(new JobLogLine(0, attempt, time, level, category, text));
            else if (_count == limit)
                _lines.Add(new JobLogLine(0, attempt, time, LogLevel.Warning, nameof(JobLog),
                    $"The job has logged {limit} lines; what follows is not kept. Bus:JobService:LogLines allows more."));

            _count++;
        }
    }

    /// <summary>Takes the lines that are there.</summary>
    public IReadOnlyList<JobLogLine> Take()
    {
        lock (_lock)
        {
            if (_lines.Count == 0)
                return [];

            var taken = _lines;
            _lines = [];
            return taken;
        }
    }

    /// <summary>Takes lines back that could not be written down.</summary>
    public void TakeBack(IReadOnlyList<JobLogLine> lines)
    {
        lock (_lock)
            _lines.InsertRange(0, lines);
    }

    /// <summary>Takes the last lines; whatever the job still logs belongs to nobody.</summary>
    public IReadOnlyList<JobLogLine> Close()
    {
        lock (_lock)
            _isClosed = true;

        return Take();
    }
}
