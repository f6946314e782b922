using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Alerting;

/// <summary>The settings of the section <c>Bus:Alerts</c>.</summary>
public sealed class AlertSettings : IValidatableObject
{
    internal const string Section = "Alerts";

    /// <summary>How often is looked whether there is something to tell.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nobody is told again of dead letters that failed alike, however many more come.</summary>
    /// <value>The default is one hour.</value>
    public TimeSpan Quiet { get; set; } = TimeSpan.FromHours(1);

    /// <summary>An address that alerts are posted to.</summary>
    public WebhookAlertSettings Webhook { get; set; } = new();

    /// <summary>An e-mail address that alerts are sent to.</summary>
    public EmailAlertSettings Email { get; set; } = new();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromSeconds(50))
            yield return new ValidationResult(
                "Use a duration from 100ms to 50s, such as 5s: an alert is due within a minute.", [nameof(Interval)]);

        if (Quiet < TimeSpan.Zero || Quiet > TimeSpan.FromDays(7))
            yield return new ValidationResult("Use a duration from 0s to 7d, such as 1h.", [nameof(Quiet)]);
    }
}

/// <summary>The settings of the section <c>Bus:Alerts:Webhook</c>.</summary>
public sealed class WebhookAlertSettings : IValidatableObject
{
    /// <summary>The address. Not set, nothing is posted.</summary>
    public Uri? Url { get; set; }

    /// <summary>What the posts are signed with, 16 characters or more. Needed where <see cref="Url"/> is set.</summary>
    [Secret]
    public string? Secret { get; set; }

    /// <summary>How the receiver's certificate is checked, and which one the bus shows.</summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>How many bytes of a refusal are read, to tell the reason.</summary>
    /// <value>The default is 16384.</value>
    [Range(1, 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1 to 1048576.")]
    public int MaxResponseSize { get; set; } = 16 * 1024;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Url is { Scheme: not ("http" or "https") })
            yield return new ValidationResult("Use an address such as https://example.com/alerts.", [nameof(Url)]);

        if (Url is not null && Secret is not { Length: >= 16 })
            yield return new ValidationResult("Give the secret 16 characters or more.", [nameof(Secret)]);
    }
}

/// <summary>The settings of the section <c>Bus:Alerts:Email</c>: the mail server, and who is told.</summary>
public sealed class EmailAlertSettings : MailServerSettings
{
    /// <summary>The recipients' addresses, with commas between. Needed where <see cref="MailServerSettings.Host"/> is set.</summary>
    public string? To { get; set; }

    internal IReadOnlyList<string> Recipients =>
        (To ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <inheritdoc />
    protected override IEnumerable<ValidationResult> Validate()
    {
        foreach (var problem in base.Validate())
            yield return problem;

        if (Host is not null && (Recipients.Count == 0 || !Recipients.All(IsAddress)))
            yield return new ValidationResult("Use e-mail addresses with commas between, such as ops@example.com.", [nameof(To)]);
    }
}
