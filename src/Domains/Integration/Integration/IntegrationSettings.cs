using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Integration;

/// <summary>The settings of the section <c>Bus:Integration</c>.</summary>
public sealed class IntegrationSettings
{
    /// <summary>The APIs that flows may call, by name. Nothing else is ever called.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, AddressSettings> Addresses { get; set; } = [];

    /// <summary>The longest path that a flow may call, with its query, in characters; a longer one fails the step without a call.</summary>
    /// <value>The default is 8192.</value>
    [Range(256, 256 * 1024, ErrorMessage = "Use a whole number of characters from 256 to 262144.")]
    public int MaxPathLength { get; set; } = 8 * 1024;

    /// <summary>The size of all headers that a flow sets, in characters; larger ones fail the step without a call.</summary>
    /// <value>The default is 16384.</value>
    [Range(256, 1024 * 1024, ErrorMessage = "Use a whole number of characters from 256 to 1048576.")]
    public int MaxHeadersSize { get; set; } = 16 * 1024;
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

    /// <summary>The API's key, sent with every call in <see cref="KeyHeader"/>. A flow can neither read nor replace it.</summary>
    /// <value>The default is none.</value>
    [Secret]
    public string? ApiKey { get; set; }

    /// <summary>
    /// A file that holds the key on one line, instead of <see cref="ApiKey"/>; a relative path lies in <c>Bus:Data:Folder</c>. It is read
    /// for each call, so that a
    /// new key holds at once.
    /// </summary>
    /// <value>The default is none.</value>
    public string? KeyFile { get; set; }

    /// <summary>The header that carries the key; in <c>Authorization</c> it is sent as a bearer token.</summary>
    /// <value>The default is <c>X-Api-Key</c>.</value>
    public string KeyHeader { get; set; } = "X-Api-Key";

    /// <summary>How the API's certificate is checked, and which one the bus shows.</summary>
    public TlsSettings Tls { get; set; } = new();

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

    /// <summary>The levels of objects and arrays that a response may have; a deeper one fails the call.</summary>
    /// <value>The default is 32.</value>
    [Range(4, 48, ErrorMessage = "Use a whole number of levels from 4 to 48.")]
    public int MaxResponseDepth { get; set; } = JsonDoor.DefaultDepth;

    const string AddressRule = "Use an http or https address without user, query or fragment, such as https://api.example.com/v1.";

    internal bool Sets(string header) =>
        Headers.ContainsKey(header) || (ApiKey ?? KeyFile) is not null && header.Equals(KeyHeader, StringComparison.OrdinalIgnoreCase);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (BaseAddress is { } address
            && !(address.Scheme is "http" or "https" && address.UserInfo + address.Query + address.Fragment == ""))
            yield return new ValidationResult(AddressRule, [nameof(BaseAddress)]);

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration over 0s and up to 1h, such as 10s.", [nameof(Timeout)]);

        if (OverallTimeout < Timeout || OverallTimeout > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration from Timeout to 1h, such as 30s.", [nameof(OverallTimeout)]);

        foreach (var name in Headers.Where(header => !ApiHeaders.AreValid(header.Key, header.Value)).Select(header => header.Key))
            yield return new ValidationResult(
                $"The header '{name}' cannot be sent. Use a request header's name with a value on one line.", [nameof(Headers)]);

        if (ApiKey is not null && KeyFile is not null)
            yield return new ValidationResult("Set ApiKey or KeyFile, not both.");

        if (ApiKey is not null && (ApiKey.Length < SecretMask.ShortestSecret || !ApiHeaders.IsOnOneLine(ApiKey)))
            yield return new ValidationResult(
                $"Use a key of {SecretMask.ShortestSecret} or more ASCII characters on one line: a shorter one could not be masked "
                    + "in answers.", [nameof(ApiKey)]);

        if (KeyFile is not null && (string.IsNullOrWhiteSpace(KeyFile) || KeyFile.Contains('\0', StringComparison.Ordinal)))
            yield return new ValidationResult("Use a file's path, such as shop.key.", [nameof(KeyFile)]);

        if (!ApiHeaders.AreValid(KeyHeader, "value"))
            yield return new ValidationResult("Use a request header's name, such as X-Api-Key or Authorization.", [nameof(KeyHeader)]);

        if ((ApiKey ?? KeyFile) is not null && Headers.ContainsKey(KeyHeader))
            yield return new ValidationResult(
                $"The header '{KeyHeader}' is set twice. Set it under Headers, or the key.", [nameof(KeyHeader)]);
    }
}
