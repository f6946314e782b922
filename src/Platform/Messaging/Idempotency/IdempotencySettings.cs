using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of the section <c>Bus:Idempotency</c>.</summary>
public sealed class IdempotencySettings : IValidatableObject
{
    /// <summary>The window of sending times in which messages that say the same are one. Those of the windows beside it are, too.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a handled message's results are kept.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long after a process has died another one takes over what it had begun.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a repetition stays away before it looks again whether the first one is done.</summary>
    /// <value>The default is 250 milliseconds.</value>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often results whose time is over are deleted.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan CleanupInterval { get; set; } = TimeSpan.FromMinutes(1);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Window < TimeSpan.FromSeconds(1) || Window > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 1s to 1d, such as 5m.", [nameof(Window)]);

        if (Retention < Window * 2 || Retention > TimeSpan.FromDays(365))
            yield return new ValidationResult("Use a duration from twice the Window to 365d, such as 24h.", [nameof(Retention)]);

        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration from 1s to 1h, such as 1m.", [nameof(Lease)]);

        if (RetryInterval < TimeSpan.FromMilliseconds(10) || RetryInterval > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("Use a duration from 10ms to 1m, such as 250ms.", [nameof(RetryInterval)]);

        if (CleanupInterval < TimeSpan.FromMilliseconds(50) || CleanupInterval > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 50ms to 1d, such as 1m.", [nameof(CleanupInterval)]);
    }
}
