using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Notifications;

/// <summary>The settings of the section <c>Bus:Notifications:Email</c>.</summary>
public sealed class EmailSettings : IValidatableObject
{
    /// <summary>The mail server's name. Not set, the channel is off.</summary>
    public string? Host { get; set; }

    /// <summary>The mail server's port.</summary>
    /// <value>The default is 25.</value>
    [Range(1, 65_535, ErrorMessage = "Use a whole number from 1 to 65535.")]
    public int Port { get; set; } = 25;

    /// <summary>How the connection is encrypted.</summary>
    /// <value>The default is <see cref="EmailSecurity.StartTlsWhenAvailable"/>.</value>
    public EmailSecurity Security { get; set; }

    /// <summary>The user name at the mail server; none to send without logging in.</summary>
    public string? Username { get; set; }

    /// <summary>The password at the mail server.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>The sender's address. Needed where <see cref="Host"/> is set.</summary>
    public string? From { get; set; }

    /// <summary>The sender's name, shown beside the address.</summary>
    public string? FromName { get; set; }

    /// <summary>How long the mail server may take for one mail, connecting included.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Host is not null && !EmailAddress.TryParse(From, out _))
            yield return new ValidationResult("Use the sender's e-mail address, such as bus@example.com.", [nameof(From)]);

        if (Username is null != Password is null)
            yield return new ValidationResult("Set Username and Password, or neither.");

        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5))
            yield return new ValidationResult("Use a duration from 100ms to 5m, such as 15s.", [nameof(Timeout)]);
    }
}
