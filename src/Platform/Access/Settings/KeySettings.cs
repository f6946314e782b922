using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Access;

/// <summary>The settings of the section <c>Bus:Access:Keys:{name}</c>.</summary>
public sealed partial class KeySettings : IValidatableObject
{
    internal const string NameRule = "Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.";

    const int ShortestKey = 16;

    /// <summary>
    /// The SHA-256 of the key, in hexadecimal digits. Of several each is accepted, so that a caller can change to a new key.
    /// </summary>
    /// <value>The default is none.</value>
    public List<string> Hashes { get; set; } = [];

    /// <summary>The key itself, 16 characters or more. It is refused in Production, where <see cref="Hashes"/> is used.</summary>
    /// <value>The default is none.</value>
    [Secret]
    public string? Key { get; set; }

    /// <summary>What the caller may do.</summary>
    /// <value>The default is <see cref="AccessRole.Reader"/>.</value>
    public AccessRole Role { get; set; } = AccessRole.Reader;

    /// <summary>The tenants that the caller may act for and read; <c>*</c> stands for all. It must be set.</summary>
    public List<string> Tenants { get; set; } = [];

    /// <summary>The time from which on the key is refused.</summary>
    /// <value>The default is none: it does not expire.</value>
    public DateTimeOffset? Expires { get; set; }

    internal static bool IsName(string name) => Name().IsMatch(name);

    internal IEnumerable<string> Digests() => Key is { Length: > 0 } key ? Hashes.Append(ApiKey.Hash(key)) : Hashes;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Key is { Length: < ShortestKey })
            yield return new ValidationResult($"Give the key {ShortestKey} characters or more.", [nameof(Key)]);

        if (Key is null && Hashes.Count == 0)
            yield return new ValidationResult("It has no key. Set Hashes to what 'maestro keys new' prints.");

        if (Hashes.Any(hash => !Sha256().IsMatch(hash)))
            yield return new ValidationResult(
                "One of the Hashes is not a SHA-256. Use the 64 hexadecimal digits that 'maestro keys new' prints.");

        if (Tenants.Count == 0)
            yield return new ValidationResult("It has no Tenants. Name the tenants that the caller may act for and read, or * for all.");

        foreach (var tenant in Tenants.Where(tenant => tenant != BusCaller.AllTenants && !TenantHeader.IsValid(tenant)))
            yield return new ValidationResult($"The tenant '{tenant}' is not valid. {TenantHeader.Rule} * stands for all.");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^[0-9A-Fa-f]{64}\\z")]
    private static partial Regex Sha256();
}
