using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Analytics;

/// <summary>The settings of the section <c>Bus:Analytics</c>.</summary>
public sealed class AnalyticsSettings : IValidatableObject
{
    /// <summary>How long message ids are remembered, so that a message delivered twice is counted once.</summary>
    /// <value>The default is 7 days.</value>
    public TimeSpan MessageIdRetention { get; set; } = TimeSpan.FromDays(7);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (MessageIdRetention < TimeSpan.FromHours(1) || MessageIdRetention > TimeSpan.FromDays(365))
            yield return new ValidationResult("Use a duration from 1h to 365d.", [nameof(MessageIdRetention)]);
    }
}
