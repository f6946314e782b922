using System.Diagnostics.Metrics;

namespace Maestro.Bus.Jobs;

/// <summary>What jobs tell about themselves, under the meter <c>Bus.Jobs</c>.</summary>
sealed class JobMetrics : IDisposable
{
    public const string MeterName = "Bus.Jobs";

    const string Type = "type";

    readonly Meter _meter;
    readonly DeclaredCounter _started;
    readonly DeclaredCounter _completed;
    readonly DeclaredCounter _failed;
    readonly DeclaredCounter _canceled;
    readonly DeclaredCounter _retried;
    readonly DeclaredCounter _stalled;
    readonly UpDownCounter<long> _running;
    readonly Histogram<double> _duration;
    readonly ObservableGauge<long> _waiting;
    readonly SharedFigure<IReadOnlyList<JobCount>> _counts;
    readonly ISharedReporter _reporter;

    public JobMetrics(IMeterFactory meters, JobTypes types, ISharedReporter reporter, TimeProvider time)
    {
        (_reporter, _counts) = (reporter, new SharedFigure<IReadOnlyList<JobCount>>(reporter, time));
        _meter = meters.Create(MeterName);
        _started = Counter("bus.jobs.started", "{attempt}", "Attempts that this process has begun.");
        _completed = Counter("bus.jobs.completed", "{job}", "Jobs that have succeeded.");
        _failed = Counter("bus.jobs.failed", "{job}", "Jobs that have failed for good.");
        _canceled = Counter("bus.jobs.cancelled", "{job}", "Jobs that were cancelled.");
        _retried = Counter("bus.jobs.retried", "{attempt}", "Attempts that are followed by another one.");
        _stalled = Counter("bus.jobs.stalled", "{job}", "Jobs that were taken back from a host that showed no life.");
        _running = _meter.CreateUpDownCounter<long>("bus.jobs.running", "{job}", "Jobs that this process runs.");
        _duration = _meter.CreateHistogram<double>("bus.jobs.duration", "s", "How long attempts take.");
        foreach (var type in types.All)
        {
            foreach (var counter in (DeclaredCounter[])[_started, _completed, _failed, _canceled, _retried, _stalled])
                counter.Declare(type.Name);
        }

        _waiting = _meter.CreateObservableGauge(
            "bus.jobs.waiting", Waiting, "{job}", "Jobs of all hosts that wait for a slot or for their time.");
    }

    /// <summary>Gets whether the number of waiting jobs is measured, and this process is the one that reports it.</summary>
    public bool IsWatched => _waiting.Enabled && _reporter.IsReporting;

    public void Started(string type)
    {
        _started.Add(type);
        _running.Add(1, Of(type));
    }

    public void Ran(string type, TimeSpan duration)
    {
        _running.Add(-1, Of(type));
        _duration.Record(duration.TotalSeconds, Of(type));
    }

    /// <summary>What is committed of jobs' ends.</summary>
    public void Ended(IEnumerable<JobRow> jobs)
    {
        foreach (var job in jobs)
            (job.Stage switch
            {
                JobStage.Completed => _completed,
                JobStage.Faulted => _failed,
                JobStage.Canceled => _canceled,
                JobStage.Scheduled or JobStage.Ready => _retried,
                _ => null,
            })?.Add(job.Type);
    }

    public void Stalled(IEnumerable<JobRow> jobs)
    {
        foreach (var job in jobs)
            _stalled.Add(job.Type);
    }

    public void Counted(IReadOnlyList<JobCount> counts) => _counts.Set(counts);

    public void Dispose() => _meter.Dispose();

    IEnumerable<Measurement<long>> Waiting() => (_counts.Current ?? [])
        .Where(count => count.Stage is JobStage.Ready or JobStage.Scheduled)
        .Select(count => new Measurement<long>(count.Count, Of(count.Type), new("stage", count.Stage.ToString().ToLowerInvariant())));

    DeclaredCounter Counter(string name, string unit, string description) => new(_meter, name, unit, description, Type);

    static KeyValuePair<string, object?> Of(string type) => new(Type, type);
}
