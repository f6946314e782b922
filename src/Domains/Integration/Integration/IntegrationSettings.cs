using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Integration;

/// <summary>The settings of the section <c>Bus:Integration</c>.</summary>
public sealed class IntegrationSettings
{
    /// <summary>The APIs that flows may call, by name. Nothing else is ever called.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, AddressSettings> Addresses { get; set; } = [];
}

/// <summary>The settings of the section <c>Bus:Integration:Addresses:{name}</c>.</summary>
public sealed class AddressSettings : IValidatableObject
{
    /// <summary>The API's root; every path that a flow calls stays under it.</summary>
    [Required(ErrorMessage = AddressRule)]
    public Uri? BaseAddress { get; set; }

    /// <summary>Request headers that every call carries, such as <c>Authorization</c>. A flow can neither read nor replace them.</summary>
    /// <value>The default is none.</value>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>How long one try may take.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call may take with its quick retries, before it goes back to the queue.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan OverallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of a response are read, after decompression; a longer one fails the call.</summary>
    /// <value>The default is 1048576.</value>
    [Range(1, 268_435_456, ErrorMessage = "Use a whole number of bytes from 1 to 268435456.")]
    public int MaxResponseSize { get; set; } = 1024 * 1024;

    const string AddressRule = "Use an http or https address without user, query or fragment, such as https://api.example.com/v1.";

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (BaseAddress is { } address && !(address.Scheme is "http" or "https" && address.UserInfo + address.Query + address.Fragment == ""))
            yield return new ValidationResult(AddressRule, [nameof(BaseAddress)]);

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration over 0s and up to 1h, such as 10s.", [nameof(Timeout)]);

        if (OverallTimeout < Timeout || OverallTimeout > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration from Timeout to 1h, such as 30s.", [nameof(OverallTimeout)]);

        foreach (var name in Headers.Where(header => !ApiHeaders.AreValid(header.Key, header.Value)).Select(header => header.Key))
            yield return new ValidationResult($"The header '{name}' cannot be sent. Use a request header's name with a value on one line.", [nameof(Headers)]);
    }
}
