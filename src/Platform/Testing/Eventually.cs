using System.Diagnostics;

namespace Maestro.Bus.Testing;

/// <summary>Awaits something that becomes true outside the test, with a time limit.</summary>
public static class Eventually
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Awaits a condition.</summary>
    /// <exception cref="TimeoutException">The condition did not become true in time.</exception>
    public static Task True(Func<Task<bool>> condition, TimeSpan timeout, string what, CancellationToken cancellationToken) =>
        Some(async () => await condition() ? "" : null, timeout, what, cancellationToken);

    /// <summary>Awaits a value that is not null.</summary>
    /// <exception cref="TimeoutException">There was no value in time.</exception>
    public static async Task<T> Some<T>(Func<Task<T?>> find, TimeSpan timeout, string what, CancellationToken cancellationToken)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);

        do
        {
            if (await find() is { } found)
                return found;
        }
        while (clock.Elapsed < timeout && await timer.WaitForNextTickAsync(cancellationToken));

        throw new TimeoutException($"Waited {timeout.TotalSeconds:0.#} s for {what}.");
    }
}
