using Polly;
using Polly.Retry;

namespace MaestroBus.Integration;

/// <summary>The quick retries within one delivery of a call. Longer waits belong to the queue, where they hold no consumer.</summary>
static class ApiResilience
{
    const int Retries = 2;

    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Says of a call's context whether it may be repeated at once: its method does no harm, and it does not only find out whether the API
    /// is back.
    /// </summary>
    public static readonly ResiliencePropertyKey<bool> MayRepeat = new("may-repeat");

    public static ResiliencePipeline<HttpAnswer> For(AddressSettings settings, TimeProvider time) =>
        new ResiliencePipelineBuilder<HttpAnswer> { TimeProvider = time }
            .AddTimeout(settings.OverallTimeout)
            .AddRetry(new RetryStrategyOptions<HttpAnswer>
            {
                MaxRetryAttempts = Retries,
                Delay = FirstDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = attempt =>
                    ValueTask.FromResult(IsWorthRetrying(attempt.Outcome) && attempt.Context.Properties.GetValue(MayRepeat, false)),
                DelayGenerator = attempt => ValueTask.FromResult(attempt.Outcome.Result?.RetryAfter),
            })
            .AddTimeout(settings.Timeout)
            .Build();

    static bool IsWorthRetrying(Outcome<HttpAnswer> outcome) => outcome switch
    {
        { Exception: HttpRequestException or IOException } => true,
        { Result: { IsTransient: true } response } => !(response.RetryAfter > LongestDelay),
        _ => false,
    };
}
