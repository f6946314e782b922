namespace Maestro.Bus.Messaging;

/// <summary>Does something again and again.</summary>
public static class Periodic
{
    /// <summary>Runs at once, and then after each interval until it is cancelled.</summary>
    /// <param name="interval">The time between two runs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="run">What is to be done.</param>
    /// <param name="failed">Is told why a run has failed; the next one follows all the same.</param>
    /// <param name="cancellationToken">Ends it, without an exception.</param>
    public static Task Run(
        TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> run, Action<Exception> failed,
        CancellationToken cancellationToken) => Run(interval, isAtOnce: true, time, run, failed, cancellationToken);

    /// <summary>Runs after each interval until it is cancelled, the first time when one has passed.</summary>
    /// <inheritdoc cref="Run(TimeSpan, TimeProvider, Func{CancellationToken, Task}, Action{Exception}, CancellationToken)" />
    public static Task RunLater(
        TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> run, Action<Exception> failed,
        CancellationToken cancellationToken) => Run(interval, isAtOnce: false, time, run, failed, cancellationToken);

    static async Task Run(
        TimeSpan interval, bool isAtOnce, TimeProvider time, Func<CancellationToken, Task> run, Action<Exception> failed,
        CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);

        try
        {
            while (isAtOnce || await timer.WaitForNextTickAsync(cancellationToken))
            {
                isAtOnce = false;

                try
                {
                    await run(cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    failed(exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }
}
