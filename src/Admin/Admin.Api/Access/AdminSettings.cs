using System.ComponentModel.DataAnnotations;

namespace MaestroBus.Admin.Api;

/// <summary>The settings of the section <c>Bus:Admin</c>.</summary>
public sealed class AdminSettings : IValidatableObject
{
    internal const string Section = "Admin";

    /// <summary>The keys that callers send in the header <c>X-Api-Key</c>, each under the name that the caller is known by.</summary>
    /// <value>The default is none: then only callers on this machine are served.</value>
    public Dictionary<string, AdminKey> Keys { get; set; } = [];

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        Keys.GroupBy(key => key.Value.Key, StringComparer.Ordinal)
            .Where(same => same.Key.Length > 0 && same.Count() > 1)
            .Select(same => new ValidationResult($"The keys {string.Join(" and ", same.Select(key => key.Key))} are the same. Give each caller its own.", [nameof(Keys)]));
}

/// <summary>One caller's key.</summary>
public sealed class AdminKey
{
    /// <summary>The secret.</summary>
    [Secret]
    [Required(ErrorMessage = "Give the key 16 characters or more.")]
    [MinLength(16, ErrorMessage = "Give the key 16 characters or more.")]
    public string Key { get; set; } = "";

    /// <summary>What its caller may do.</summary>
    /// <value>The default is <see cref="AdminRole.Reader"/>.</value>
    public AdminRole Role { get; set; } = AdminRole.Reader;
}
