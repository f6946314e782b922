using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Access;

/// <summary>The settings of the section <c>Bus:Access:Oidc</c>.</summary>
public sealed class OidcSettings : IValidatableObject
{
    /// <summary>
    /// The provider's issuer address, below which it publishes <c>.well-known/openid-configuration</c>. Plain HTTP is accepted in
    /// Development only.
    /// </summary>
    /// <value>The default is none: no tokens are accepted.</value>
    public Uri? Authority { get; set; }

    /// <summary>The audience that a token must name.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names the caller.</summary>
    /// <value>The default is <c>sub</c>.</value>
    [Required(ErrorMessage = "Name a claim, such as sub.")]
    public string NameClaim { get; set; } = "sub";

    /// <summary>
    /// The claim that holds the caller's roles: one, a list, or a path into an object, such as <c>realm_access.roles</c>.
    /// </summary>
    /// <value>The default is <c>roles</c>.</value>
    [Required(ErrorMessage = "Name a claim, such as roles.")]
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Which of the claim's values stand for which role.</summary>
    public OidcRoles Roles { get; set; } = new();

    /// <summary>The claim that holds the caller's tenants, as <see cref="RoleClaim"/> does its roles; <c>*</c> stands for all.</summary>
    /// <value>The default is <c>tenants</c>.</value>
    [Required(ErrorMessage = "Name a claim, such as tenants.")]
    public string TenantClaim { get; set; } = "tenants";

    /// <summary>The tenants of a caller whose token does not have the claim; <c>*</c> stands for all.</summary>
    /// <value>The default is none.</value>
    public List<string> Tenants { get; set; } = [];

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Authority is { } authority
            && !(authority.Scheme is "http" or "https" && authority.UserInfo + authority.Query + authority.Fragment == ""))
            yield return new ValidationResult(
                "Use an https address without user, query or fragment, such as https://login.example.com/realms/main.",
                [nameof(Authority)]);

        if (Authority is not null && string.IsNullOrWhiteSpace(Audience))
            yield return new ValidationResult(
                "Name the audience of this bus's tokens: those for other services are refused.", [nameof(Audience)]);

        if (Authority is null && Audience is not null)
            yield return new ValidationResult(
                "Name the provider, such as https://login.example.com/realms/main, or remove the section.", [nameof(Authority)]);

        foreach (var tenant in Tenants.Where(tenant => tenant != BusCaller.AllTenants && !TenantHeader.IsValid(tenant)))
            yield return new ValidationResult($"The tenant '{tenant}' is not valid. {TenantHeader.Rule} * stands for all.");
    }
}

/// <summary>
/// The settings of the section <c>Bus:Access:Oidc:Roles</c>: the values of the role claim that stand for each role. A role without any has
/// its own name in lower case.
/// </summary>
public sealed class OidcRoles
{
    public List<string> Client { get; set; } = [];

    public List<string> Reader { get; set; } = [];

    public List<string> Operator { get; set; } = [];

    public List<string> Admin { get; set; } = [];

    /// <summary>Finds the highest role that one of the values stands for; null if none does.</summary>
    internal AccessRole? Of(IReadOnlyCollection<string> values) =>
        Stands(Admin, "admin", values) ? AccessRole.Admin
        : Stands(Operator, "operator", values) ? AccessRole.Operator
        : Stands(Reader, "reader", values) ? AccessRole.Reader
        : Stands(Client, "client", values) ? AccessRole.Client
        : null;

    static bool Stands(List<string> configured, string name, IReadOnlyCollection<string> values) =>
        configured.Count == 0 ? values.Contains(name) : configured.Exists(values.Contains);
}
