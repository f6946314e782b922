using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Notifications;

/// <summary>The settings of the section <c>Bus:Notifications:Sms</c>.</summary>
public sealed class SmsSettings : IValidatableObject
{
    /// <summary>The address that text messages are posted to. Not set, the channel is off.</summary>
    public Uri? Url { get; set; }

    /// <summary>The provider's bearer token; none for a provider that asks for none.</summary>
    [Secret]
    public string? Token { get; set; }

    /// <summary>The sender: a phone number or a name that the provider knows. Needed where <see cref="Url"/> is set.</summary>
    public string? From { get; set; }

    /// <summary>How the provider's certificate is checked, and which one the bus shows.</summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>How long the provider may take to answer.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many bytes of a refusal are read, to tell the reason.</summary>
    /// <value>The default is 16384.</value>
    [Range(1, 1024 * 1024, ErrorMessage = "Use a whole number of bytes from 1 to 1048576.")]
    public int MaxResponseSize { get; set; } = 16 * 1024;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Url is not null && Url.Scheme != Uri.UriSchemeHttps && Url.Scheme != Uri.UriSchemeHttp)
            yield return new ValidationResult("Use an address that begins with https:// or http://.", [nameof(Url)]);

        if (Url is not null && string.IsNullOrWhiteSpace(From))
            yield return new ValidationResult("Use the sender's phone number or name at the provider.", [nameof(From)]);

        if (Token is not null && Token.Any(character => character is <= ' ' or > '~'))
            yield return new ValidationResult("Use the provider's token without spaces and line breaks.", [nameof(Token)]);

        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5))
            yield return new ValidationResult("Use a duration from 100ms to 5m, such as 10s.", [nameof(Timeout)]);
    }
}
