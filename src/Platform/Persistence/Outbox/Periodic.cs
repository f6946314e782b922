namespace MaestroBus.Persistence;

/// <summary>Does something at once and then again and again.</summary>
static class Periodic
{
    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="interval">The time between two runs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="run">What is to be done.</param>
    /// <param name="failed">Is told why a run has failed; the next one follows all the same.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task Run(
        TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> run, Action<Exception> failed,
        CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);

        try
        {
            do
            {
                try
                {
                    await run(cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    failed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }
}
