using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Access;

/// <summary>
/// The settings of the section <c>Bus:Admin</c> up to the version that introduced <c>Bus:Access</c>. They stop the start.
/// </summary>
sealed class FormerAdminSettings : IValidatableObject
{
    public const string Section = "Admin";

    public Dictionary<string, FormerAdminKey> Keys { get; set; } = [];

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Keys.Count > 0)
            yield return new ValidationResult(
                "The section Keys is not read any more. " +
                $"Remove it, run 'maestro keys new NAME --role ROLE' for each of {string.Join(", ", Keys.Keys)}, " +
                "set what it prints below Bus:Access:Keys, and give the callers their new keys.");
    }
}

/// <summary>A key of <see cref="FormerAdminSettings"/>.</summary>
sealed class FormerAdminKey
{
    [Secret]
    public string? Key { get; set; }

    public string? Role { get; set; }
}
