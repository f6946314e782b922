namespace Maestro.Bus.Messaging;

/// <summary>
/// The delays between a queue's attempts: the base delay clamped to the longest one, spread by the jitter, and clamped again.
/// </summary>
/// <param name="policy">The queue's policy.</param>
/// <param name="random">The source of the jitter; seed it to get the same delays each time.</param>
public sealed class RetrySchedule(QueuePolicy policy, Random random)
{
    /// <summary>The delay before a retry.</summary>
    /// <param name="retry">1 for the first retry, 2 for the second, …</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="retry"/> is less than 1.</exception>
    public TimeSpan DelayBefore(int retry)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(retry, 1);

        var first = policy.FirstRetryDelay.TotalMilliseconds;
        var longest = policy.MaxRetryDelay.TotalMilliseconds;
        var growth = policy.RetryStrategy switch
        {
            RetryStrategy.Fixed => 1,
            RetryStrategy.Fibonacci => Fibonacci(retry),
            _ => Math.Pow(policy.RetryMultiplier, retry - 1),
        };

        var jitter = 1 - policy.RetryJitter + (random.NextDouble() * 2 * policy.RetryJitter);
        return TimeSpan.FromMilliseconds(Math.Min(Math.Min(first * growth, longest) * jitter, longest));
    }

    static double Fibonacci(int n)
    {
        var (current, next) = (1.0, 1.0);
        for (var i = 1; i < n; i++)
            (current, next) = (next, current + next);

        return current;
    }
}
