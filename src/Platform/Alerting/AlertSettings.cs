using System.ComponentModel.DataAnnotations;

namespace MaestroBus.Alerting;

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
            yield return new ValidationResult("Use a duration from 100ms to 50s, such as 5s: an alert is due within a minute.", [nameof(Interval)]);

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

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Url is { Scheme: not ("http" or "https") })
            yield return new ValidationResult("Use an address such as https://example.com/alerts.", [nameof(Url)]);

        if (Url is not null && Secret is not { Length: >= 16 })
            yield return new ValidationResult("Give the secret 16 characters or more.", [nameof(Secret)]);
    }
}

/// <summary>The settings of the section <c>Bus:Alerts:Email</c>.</summary>
public sealed class EmailAlertSettings : IValidatableObject
{
    /// <summary>The mail server's name. Not set, nothing is sent.</summary>
    public string? Host { get; set; }

    /// <summary>The mail server's port.</summary>
    /// <value>The default is 25.</value>
    [Range(1, 65_535, ErrorMessage = "Use a whole number from 1 to 65535.")]
    public int Port { get; set; } = 25;

    /// <summary>Whether the connection must be encrypted: with TLS from the first byte on port 465, with STARTTLS otherwise.</summary>
    /// <value>The default is <c>false</c>: it is encrypted where the server offers it.</value>
    public bool Tls { get; set; }

    /// <summary>The user name at the mail server; none to send without logging in.</summary>
    public string? Username { get; set; }

    /// <summary>The password at the mail server.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>The sender's address. Needed where <see cref="Host"/> is set.</summary>
    public string? From { get; set; }

    /// <summary>The recipients' addresses, with commas between. Needed where <see cref="Host"/> is set.</summary>
    public string? To { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Host is null)
            yield break;

        if (!MailboxAddress.TryParse(From ?? "", out _))
            yield return new ValidationResult("Use the sender's e-mail address, such as bus@example.com.", [nameof(From)]);

        if (!InternetAddressList.TryParse(To ?? "", out var recipients) || recipients.Count == 0)
            yield return new ValidationResult("Use e-mail addresses with commas between, such as ops@example.com.", [nameof(To)]);

        if (Username is null != Password is null)
            yield return new ValidationResult("Set Username and Password, or neither.");
    }
}
