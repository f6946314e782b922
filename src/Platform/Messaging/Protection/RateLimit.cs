using System.Threading.RateLimiting;

namespace Maestro.Bus.Messaging;

/// <summary>Makes limiters of policies.</summary>
static class RateLimit
{
    const int WindowSegments = 20;

    // Timers are not finer than this by much.
    static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(20);

    /// <summary>A limiter that lets waiters through in their order; none where there is no limit.</summary>
    public static RateLimiter? For(RateLimitPolicy policy)
    {
        if (policy.Permits is not { } permits)
            return null;

        if (policy.Algorithm == RateLimitAlgorithm.SlidingWindow)
            return new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions
            {
                PermitLimit = permits,
                Window = policy.Period,
                SegmentsPerWindow = WindowSegments,
                QueueLimit = int.MaxValue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            });

        var steps = Steps(permits, policy.Period);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(policy.Burst ?? permits, permits / steps),
            TokensPerPeriod = permits / steps,
            ReplenishmentPeriod = policy.Period / steps,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    // The finest even steps in which whole permits come in.
    static int Steps(int permits, TimeSpan period)
    {
        var steps = Math.Max(1, Math.Min(permits, (int)Math.Min(period / ShortestStep, int.MaxValue)));
        while (permits % steps != 0)
            steps--;

        return steps;
    }
}
