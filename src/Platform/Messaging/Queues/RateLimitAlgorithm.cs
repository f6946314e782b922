namespace Maestro.Bus.Messaging;

/// <summary>How a rate is limited.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>Permits come in evenly and are saved up to the burst: after a pause many may pass at once.</summary>
    TokenBucket,

    /// <summary>No more than the permits pass in any period.</summary>
    SlidingWindow,
}
