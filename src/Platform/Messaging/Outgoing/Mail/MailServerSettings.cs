using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of one mail server.</summary>
public class MailServerSettings : IValidatableObject
{
    const int ImplicitTlsPort = 465;

    /// <summary>The mail server's name. Not set, nothing is sent.</summary>
    public string? Host { get; set; }

    /// <summary>The mail server's port.</summary>
    /// <value>The default is 25.</value>
    [Range(1, 65_535, ErrorMessage = "Use a whole number from 1 to 65535.")]
    public int Port { get; set; } = 25;

    /// <summary>How the connection is encrypted.</summary>
    /// <value>The default is <see cref="MailSecurity.StartTlsWhenAvailable"/>.</value>
    public MailSecurity Security { get; set; }

    /// <summary>
    /// How the server's certificate is checked, and which one the bus shows. <see cref="TlsSettings.Enabled"/> demands encryption.
    /// </summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>The user name at the mail server; not set to send without logging in.</summary>
    public string? Username { get; set; }

    /// <summary>The password at the mail server.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>The sender's address. Needed where <see cref="Host"/> is set.</summary>
    public string? From { get; set; }

    /// <summary>The sender's name, shown beside the address.</summary>
    public string? FromName { get; set; }

    /// <summary>How long the mail server may take for one mail, connecting included, from 100 milliseconds to 5 minutes.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets how the connection is encrypted in the end: what is asked for, and what port, login and the <see cref="Tls"/> section demand.
    /// </summary>
    public MailSecurity EffectiveSecurity => Security switch
    {
        MailSecurity.StartTlsWhenAvailable when Tls.Enabled == false => MailSecurity.None,
        MailSecurity.StartTlsWhenAvailable when Port == ImplicitTlsPort => MailSecurity.Tls,
        MailSecurity.StartTlsWhenAvailable when Tls.Enabled == true || Tls.HasDetails || Username is not null => MailSecurity.StartTls,
        var asked => asked,
    };

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => Validate();

    /// <summary>Finds what is wrong with the settings.</summary>
    protected virtual IEnumerable<ValidationResult> Validate()
    {
        if (Host is not null && !IsAddress(From))
            yield return new ValidationResult("Use the sender's e-mail address, such as bus@example.com.", [nameof(From)]);

        if (Username is null != Password is null)
            yield return new ValidationResult("Set Username and Password, or neither.");

        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5))
            yield return new ValidationResult("Use a duration from 100ms to 5m, such as 15s.", [nameof(Timeout)]);

        if (Security is MailSecurity.StartTls or MailSecurity.Tls && Tls.Enabled == false)
            yield return new ValidationResult("Tls:Enabled is false, which says otherwise. Leave one of them out.", [nameof(Security)]);

        if (Security == MailSecurity.None && (Tls.Enabled == true || Tls.HasDetails))
            yield return new ValidationResult("The section Tls says otherwise. Leave one of them out.", [nameof(Security)]);
    }

    /// <summary>Tells whether a text may be an e-mail address with a domain. A name in front of it is allowed.</summary>
    protected static bool IsAddress(string? text) =>
        text is not null && !text.Any(char.IsControl) && System.Net.Mail.MailAddress.TryCreate(text, out var address)
            && address.Host.Length > 0;
}
