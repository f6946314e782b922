using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Analytics;

/// <summary>The settings of the section <c>Bus:Analytics</c>.</summary>
public sealed class AnalyticsSettings : IValidatableObject
{
    /// <summary>How long message ids are remembered, so that a message delivered twice is counted once.</summary>
    /// <value>The default is 7 days.</value>
    public TimeSpan MessageIdRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The tenants that get a report of what they have used each night, by their ids.</summary>
    public IDictionary<string, UsageReportSettings> Reports { get; set; } = new Dictionary<string, UsageReportSettings>(
        StringComparer.OrdinalIgnoreCase);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (MessageIdRetention < TimeSpan.FromHours(1) || MessageIdRetention > TimeSpan.FromDays(365))
            yield return new ValidationResult("Use a duration from 1h to 365d.", [nameof(MessageIdRetention)]);

        foreach (var tenant in Reports.Keys.Where(tenant => !TenantHeader.IsValid(tenant)))
            yield return new ValidationResult(
                $"'{tenant}' is no tenant's id. Use 1 to 64 letters, digits, dots, underscores or dashes.", [nameof(Reports)]);
    }
}

/// <summary>The settings of a tenant's nightly report, <c>Bus:Analytics:Reports:{tenant}</c>.</summary>
public sealed class UsageReportSettings
{
    /// <summary>The tenant's time zone: a day ends when its clocks show midnight.</summary>
    /// <value>The default is <c>UTC</c>.</value>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Who is told, on the internal channel.</summary>
    /// <value>The default is <c>operations</c>.</value>
    public string Recipient { get; set; } = "operations";
}
