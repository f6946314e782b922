using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>How many messages may pass in a time, in one process.</summary>
public record RateLimitPolicy : IValidatableObject
{
    /// <summary>How many messages may pass in a <see cref="Period"/>.</summary>
    /// <value>The default is none: no limit.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number from 1 to 10000000.")]
    public int? Permits { get; init; }

    /// <summary>The time in which as many may pass.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How it is counted.</summary>
    /// <value>The default is <see cref="RateLimitAlgorithm.TokenBucket"/>.</value>
    public RateLimitAlgorithm Algorithm { get; init; } = RateLimitAlgorithm.TokenBucket;

    /// <summary>How many may pass at once after a pause, for a token bucket.</summary>
    /// <value>The default is as many as in a period.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number from 1 to 10000000.")]
    public int? Burst { get; init; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => Validate();

    /// <summary>What is wrong with the values together.</summary>
    protected virtual IEnumerable<ValidationResult> Validate()
    {
        if (Period < TimeSpan.FromMilliseconds(100) || Period > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 100ms to 1d, such as 1s.", [nameof(Period)]);

        if (Burst is not null && Algorithm != RateLimitAlgorithm.TokenBucket)
            yield return new ValidationResult(
                "Only a token bucket has it. Leave it out, or use the algorithm TokenBucket.", [nameof(Burst)]);
    }
}
