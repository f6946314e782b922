using System.Threading.Channels;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes dead letters to the store, as many in one transaction as have come meanwhile. While the database is away they wait, and the
/// broker has them still.
/// </summary>
sealed partial class DeadLetterWriter(IDeadLetterStore store, DatabaseOutage outage, TimeProvider time, ILogger<DeadLetterWriter> logger)
{
    /// <summary>How many are written at once, at most.</summary>
    public const int BatchSize = 128;

    const int BatchBytes = 16 << 20;

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongPause = TimeSpan.FromSeconds(10);

    readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Keeps a dead letter; completes when it is safe.</summary>
    public Task Keep(DeadLetter letter)
    {
        var waiting = new Waiting(letter);
        if (!_waiting.Writer.TryWrite(waiting))
            waiting.Kept.TrySetCanceled();

        return waiting.Kept.Task;
    }

    /// <summary>Writes until it is cancelled; then it lets go of what it has not written.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(cancellationToken))
                await Write(Take(), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }

        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out var left))
            left.Kept.TrySetCanceled(CancellationToken.None);
    }

    List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        for (var bytes = 0L; batch.Count < BatchSize && bytes < BatchBytes
            && _waiting.Reader.TryRead(out var next); bytes += next.Letter.Body.Length)
            batch.Add(next);

        return batch;
    }

    async Task Write(List<Waiting> batch, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await store.Add([.. batch.Select(waiting => waiting.Letter)], cancellationToken);
                batch.ForEach(waiting => waiting.Kept.TrySetResult());
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                batch.ForEach(waiting => waiting.Kept.TrySetCanceled(CancellationToken.None));
                throw;
            }
            catch (Exception exception)
            {
                if (!outage.Tells(exception))
                    NotWritten(exception, batch.Count);
                await Task.Delay(failures < 10 ? Pause : LongPause, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

                // If it is one of them that the database does not take, the others must not wait for it.
                if (failures == 1 && batch.Count > 1)
                {
                    foreach (var waiting in batch)
                        await WriteAlone(waiting, cancellationToken);
                    return;
                }
            }
        }
    }

    async Task WriteAlone(Waiting waiting, CancellationToken cancellationToken)
    {
        try
        {
            await store.Add([waiting.Letter], cancellationToken);
            waiting.Kept.TrySetResult();
        }
        catch (Exception exception)
        {
            // It goes to the end of the line, or back to the broker where the line has ended.
            if (!cancellationToken.IsCancellationRequested && !outage.Tells(exception))
                NotWrittenAlone(exception, waiting.Letter.Key, waiting.Letter.Queue);
            if (cancellationToken.IsCancellationRequested || !_waiting.Writer.TryWrite(waiting))
                waiting.Kept.TrySetCanceled(CancellationToken.None);
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "{Count} dead letters could not be stored yet; the broker keeps them meanwhile")]
    partial void NotWritten(Exception exception, int count);

    [LoggerMessage(21, LogLevel.Error, "The dead letter {Key} of {Queue} could not be stored yet; the broker keeps it meanwhile")]
    partial void NotWrittenAlone(Exception exception, string key, string queue);

    sealed record Waiting(DeadLetter Letter)
    {
        public TaskCompletionSource Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
