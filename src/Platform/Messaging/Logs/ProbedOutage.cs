namespace Maestro.Bus.Messaging;

/// <summary>
/// Knows when something is away, and asks for it until it is back: the log has one line when the outage begins, one a minute, and one when
/// it ends, whether anybody needs it meanwhile or not.
/// </summary>
/// <param name="log">Takes the lines.</param>
/// <param name="probe">Asks whether it is back, and throws if it is not.</param>
/// <param name="describe">Says in words, without a period, why a probe has failed.</param>
/// <param name="interval">How long it is from one probe to the next.</param>
/// <param name="limit">How long a probe may take.</param>
/// <param name="time">Measures both.</param>
public sealed class ProbedOutage(
    OutageLog log, Func<CancellationToken, Task> probe, Func<Exception, string> describe, TimeSpan interval, TimeSpan limit,
    TimeProvider time)
    : IDisposable
{
    readonly CancellationTokenSource _stopping = new();
    int _isProbing;

    /// <summary>Gets why it is away; null if it is not, as far as is known.</summary>
    public string? Reason => log.Reason;

    /// <summary>Notes that it is away, or still is.</summary>
    /// <param name="reason">Why, without the period of a sentence.</param>
    public void Away(string reason)
    {
        log.Away(reason);
        if (!_stopping.IsCancellationRequested && Interlocked.Exchange(ref _isProbing, 1) == 0)
            _ = Probe(_stopping.Token);
    }

    /// <summary>Notes that it was reached. Without an outage this does nothing.</summary>
    public void Back() => log.Back();

    /// <summary>Ends the probes.</summary>
    public void Dispose() => _stopping.Cancel();

    async Task Probe(CancellationToken stopping)
    {
        try
        {
            do
                await Task.Delay(interval, time, stopping);
            while (log.Reason is not null && !await Answers(stopping));

            Volatile.Write(ref _isProbing, 0);
            log.Back();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host ends.
        }
    }

    async Task<bool> Answers(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        ending.CancelAfter(limit);

        try
        {
            await probe(ending.Token);
            return true;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever it answers, it does no work yet.
            log.Away(describe(exception));
            return false;
        }
    }
}
