using System.Threading.Channels;

namespace Maestro.Bus.Jobs;

/// <summary>Writes down what has become of attempts, as many in one transaction as have ended since the last one.</summary>
sealed partial class JobSettler(
    JobDatabase database, JobEndings endings, JobSignals signals, DatabaseOutage outage, ILogger<JobSettler> logger)
{
    const int Most = 500;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    readonly Channel<JobEnding> _endings = Channel.CreateUnbounded<JobEnding>(new UnboundedChannelOptions { SingleReader = true });
    int _waiting;

    /// <summary>How many have not been written down.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Called when attempts have been written down.</summary>
    public Action<IReadOnlyList<JobEnding>, EndedJobs>? Settled { get; set; }

    public void Settle(JobEnding ending)
    {
        Interlocked.Increment(ref _waiting);
        _endings.Writer.TryWrite(ending);
    }

    /// <summary>No more will come.</summary>
    public void Complete() => _endings.Writer.TryComplete();

    /// <summary>Writes until no more will come, or it is told to give up.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var chunk = new List<JobEnding>(Most);

        while (await _endings.Reader.WaitToReadAsync(cancellationToken))
        {
            while (chunk.Count < Most && _endings.Reader.TryRead(out var ending))
                chunk.Add(ending);

            await Write(chunk, cancellationToken);
            Interlocked.Add(ref _waiting, -chunk.Count);
            chunk.Clear();
        }
    }

    async Task Write(List<JobEnding> chunk, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Min(pause * 2, LongestPause))
        {
            try
            {
                // In the order of their ids, in which every host locks them.
                var ordered = chunk.OrderBy(ending => ending.Job.Id).ToList();
                var ended = await database.Write(session => endings.End(session, ordered, cancellationToken), cancellationToken);
                signals.Ended(ended);
                if (ended.Rows.Count < chunk.Count)
                    WereTakenOver(chunk.Count - ended.Rows.Count);
                Settled?.Invoke(chunk, ended);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !JobDatabase.IsCause(exception))
            {
                // It is one of them that cannot be written: the others must not wait for it.
                await WriteEach(chunk, exception, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception))
                    NotWritten(exception, chunk.Count);
                await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task WriteEach(List<JobEnding> chunk, Exception exception, CancellationToken cancellationToken)
    {
        if (chunk is not [var ending])
        {
            foreach (var one in chunk)
                await Write([one], cancellationToken);
            return;
        }

        if (ending.IsReduced)
        {
            NotRecorded(exception, ending.Job.Id, ending.Job.Type);
            return;
        }

        // What it has done is not done again because its texts cannot be kept.
        Reduced(exception, ending.Job.Id, ending.Job.Type);
        await Write([ending.Reduce(exception.GetBaseException().Message)], cancellationToken);
    }

    static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(20, LogLevel.Warning, "The ends of {Count} jobs could not be written down; it is tried again")]
    partial void NotWritten(Exception exception, int count);

    [LoggerMessage(22, LogLevel.Error, "The end of the job {Job} ({Type}) cannot be written down as it is; its texts are left out")]
    partial void Reduced(Exception exception, Guid job, string type);

    [LoggerMessage(
        23, LogLevel.Error, "The end of the job {Job} ({Type}) cannot be written down. The job begins anew after a restart of this host")]
    partial void NotRecorded(Exception exception, Guid job, string type);

    [LoggerMessage(
        21, LogLevel.Warning, "{Count} jobs have ended here that others had taken over: this host had shown no life for too long")]
    partial void WereTakenOver(int count);
}
