using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Maestro.Bus.Access;

/// <summary>The settings of the section <c>Bus:Access</c>.</summary>
public sealed class AccessSettings : IValidatableObject
{
    internal const string Section = "Access";

    /// <summary>The API keys, each under the name that its caller is known by.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, KeySettings> Keys { get; set; } = [];

    /// <summary>The OpenID Connect provider whose access tokens are accepted.</summary>
    /// <value>The default is none.</value>
    public OidcSettings Oidc { get; set; } = new();

    /// <summary>
    /// The origins of web pages, besides the host's own, whose scripts may call the endpoints, such as <c>https://console.example.com</c>.
    /// </summary>
    /// <value>The default is none.</value>
    public List<string> Origins { get; set; } = [];

    /// <summary>
    /// The addresses and networks (CIDR) of proxies whose headers <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are used.
    /// </summary>
    /// <value>The default is none.</value>
    public List<string> Proxies { get; set; } = [];

    /// <summary>How callers with wrong keys or tokens are slowed.</summary>
    public FailedAttemptSettings FailedAttempts { get; set; } = new();

    /// <summary>Notes what an environment does not allow.</summary>
    internal void Check(bool isDevelopment, bool isProduction, SettingsProblems problems)
    {
        foreach (var name in Keys.Where(key => isProduction && key.Value.Key is not null).Select(key => key.Key))
            problems.Add(
                $"Bus:Access:Keys:{name}:Key", "(hidden)",
                $"Keys in plain text are not accepted in Production. Run 'maestro keys new {name}' and set the hash that it prints in " +
                $"Bus:Access:Keys:{name}:Hashes.");

        if (Oidc.Authority is { Scheme: "http" } authority && !isDevelopment)
            problems.Add("Bus:Access:Oidc:Authority", $"{authority}", "Use an https address. Plain HTTP is accepted in Development only.");
    }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        foreach (var name in Keys.Keys.Where(name => !KeySettings.IsName(name)))
            yield return new ValidationResult($"The name '{name}' cannot be a caller's. {KeySettings.NameRule}");

        foreach (var same in Keys
            .SelectMany(key => key.Value.Digests()
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(hash => (Name: key.Key, Hash: hash.ToUpperInvariant())))
            .GroupBy(key => key.Hash, key => key.Name)
            .Where(same => same.Count() > 1))
            yield return new ValidationResult(
                $"The keys {string.Join(" and ", same.Order(StringComparer.Ordinal))} are the same. Give each caller its own.");

        foreach (var origin in Origins.Where(origin => !BrowserRules.IsOrigin(origin)))
            yield return new ValidationResult(
                $"The origin '{origin}' is not valid. Use scheme and host without a path, such as https://console.example.com.");

        foreach (var proxy in Proxies.Where(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _)))
            yield return new ValidationResult(
                $"The proxy '{proxy}' is not valid. Use an IP address or a network, such as 10.0.0.7 or 10.0.0.0/8.");
    }
}

/// <summary>The settings of the section <c>Bus:Access:FailedAttempts</c>.</summary>
public sealed class FailedAttemptSettings : IValidatableObject
{
    /// <summary>
    /// How many calls with a wrong key or token an address may send within a minute before they are answered with a delay.
    /// </summary>
    /// <value>The default is 10.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number from 1 to 10000.")]
    public int PerMinute { get; set; } = 10;

    /// <summary>The delay of each further one.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(1);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Delay < TimeSpan.FromMilliseconds(100) || Delay > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("Use a duration from 100ms to 1m, such as 1s.", [nameof(Delay)]);
    }
}
