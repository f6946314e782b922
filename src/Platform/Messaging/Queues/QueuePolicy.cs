using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>How a queue's messages are worked on. A domain states its own, and <c>Bus:Queues:{queue}</c> is laid over it.</summary>
public sealed record QueuePolicy : IValidatableObject
{
    /// <summary>
    /// How urgent the queue's work is, for whoever operates or sizes the bus: it does not change the order of messages within the queue.
    /// </summary>
    /// <value>The default is <see cref="QueuePriority.Medium"/>.</value>
    public QueuePriority Priority { get; init; } = QueuePriority.Medium;

    /// <summary>How many messages one process works on at a time.</summary>
    /// <value>The default is 10.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number from 1 to 10000.")]
    public int Concurrency { get; init; } = 10;

    /// <summary>How many messages one process takes from the broker ahead of working on them.</summary>
    /// <value>The default is twice the concurrency.</value>
    [Range(1, 65_535, ErrorMessage = "Use a whole number from 1 to 65535.")]
    public int? Prefetch { get; init; }

    /// <summary>
    /// The memory in megabytes that one process needs for the queue, for sizing a deployment; the process itself does not enforce it.
    /// </summary>
    /// <value>The default is 256.</value>
    [Range(1, 1_048_576, ErrorMessage = "Use a whole number of megabytes from 1 to 1048576.")]
    public int MemoryPerWorker { get; init; } = 256;

    /// <summary>How many times in all a message is delivered before it goes to the dead letters: the first try counts.</summary>
    /// <value>The default is 5.</value>
    [Range(1, 100, ErrorMessage = "Use a whole number from 1 to 100; 1 means no retry.")]
    public int Attempts { get; init; } = 5;

    /// <summary>The delay before the first retry.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How the delay grows from one retry to the next.</summary>
    /// <value>The default is <see cref="RetryStrategy.Exponential"/>.</value>
    public RetryStrategy RetryStrategy { get; init; } = RetryStrategy.Exponential;

    /// <summary>What an exponential delay is multiplied by each time.</summary>
    /// <value>The default is 2.</value>
    [Range(1.0, 10.0, ErrorMessage = "Use a number from 1 to 10.")]
    public double RetryMultiplier { get; init; } = 2;

    /// <summary>The longest delay.</summary>
    /// <value>The default is 300 seconds.</value>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How far a delay may deviate either way, as a part of it: 0.25 means between 75 % and 125 %.</summary>
    /// <value>The default is 0.25.</value>
    [Range(0.0, 1.0, ErrorMessage = "Use a number from 0 to 1.")]
    public double RetryJitter { get; init; } = 0.25;

    /// <summary>Which failures are worth another try.</summary>
    public RetryRules Retry { get; init; } = new();

    /// <summary>
    /// How long a consumer may work on a message before its cancellation token is cancelled and the attempt counts as failed.
    /// </summary>
    /// <value>The default is none: no limit.</value>
    public TimeSpan? ProcessingTimeout { get; init; }

    /// <summary>When the queue is paused because what it depends on is down.</summary>
    public CircuitBreakerPolicy CircuitBreaker { get; init; } = new();

    /// <summary>When the queue is paused because too much of its work fails.</summary>
    public KillSwitchPolicy KillSwitch { get; init; } = new();

    /// <summary>How many messages one process begins to work on in a time.</summary>
    public RateLimitPolicy RateLimit { get; init; } = new();

    /// <summary>The prefetch in force: <see cref="Prefetch"/>, or twice the concurrency.</summary>
    public int EffectivePrefetch => Prefetch ?? Math.Min(Concurrency * 2, 65_535);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (FirstRetryDelay < TimeSpan.Zero || FirstRetryDelay > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 0s to 1d, such as 5s.", [nameof(FirstRetryDelay)]);

        if (MaxRetryDelay < FirstRetryDelay || MaxRetryDelay > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from FirstRetryDelay to 1d, such as 300s.", [nameof(MaxRetryDelay)]);

        if (ProcessingTimeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > TimeSpan.FromDays(1)))
            yield return new ValidationResult("Use a duration from 1ms to 1d, such as 30s.", [nameof(ProcessingTimeout)]);
    }

    /// <summary>A copy that shares nothing with the original.</summary>
    internal QueuePolicy Copy() => this with
    {
        Retry = new RetryRules { Never = [.. Retry.Never], Only = [.. Retry.Only] },
        CircuitBreaker = CircuitBreaker with { Exceptions = [.. CircuitBreaker.Exceptions] },
        KillSwitch = KillSwitch with { },
        RateLimit = RateLimit with { },
    };
}
