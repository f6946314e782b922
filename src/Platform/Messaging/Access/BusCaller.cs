using System.Security.Claims;

namespace Maestro.Bus.Messaging;

/// <summary>An authenticated caller of an HTTP endpoint.</summary>
/// <param name="Name">The name of its API key, or the subject of its token.</param>
/// <param name="Role">Its role.</param>
/// <param name="Tenants">The tenants that it may act for and read, or null if it may do so for all.</param>
public sealed record BusCaller(string Name, AccessRole Role, IReadOnlySet<string>? Tenants)
{
    /// <summary>The claim that holds a tenant, once for each; the value <see cref="AllTenants"/> stands for all.</summary>
    public const string TenantClaim = "bus-tenant";

    /// <summary>The value of <see cref="TenantClaim"/> that stands for all tenants. It is not a valid tenant id.</summary>
    public const string AllTenants = "*";

    /// <summary>
    /// Tells whether the caller may act for a tenant and read what belongs to it. Messages without a tenant belong to the default tenant.
    /// </summary>
    public bool MayAccess(string tenantId) => Tenants is null || Tenants.Contains(tenantId);

    /// <summary>
    /// Gets the tenant of what the caller sends without naming one: its own where it has exactly one, else the default.
    /// </summary>
    public string TenantOr(string defaultTenant) => Tenants is { Count: 1 } ? Tenants.Single() : defaultTenant;

    /// <summary>The tenants as a message names them.</summary>
    public string TenantNames => Tenants is null ? "all tenants"
        : Tenants.Count == 0 ? "no tenant"
        : string.Join(", ", Tenants.Order(StringComparer.Ordinal));

    /// <summary>
    /// Reads the caller from its claims: <see cref="ClaimTypes.Name"/>, <see cref="ClaimTypes.Role"/> and <see cref="TenantClaim"/>.
    /// </summary>
    /// <returns>The caller, or null if the principal is not authenticated or has no known role.</returns>
    public static BusCaller? Of(ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true } identity
            || !Enum.TryParse<AccessRole>(principal.FindFirstValue(ClaimTypes.Role), out var role))
            return null;

        var tenants = principal.FindAll(TenantClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        return new BusCaller(identity.Name ?? "", role, tenants.Contains(AllTenants) ? null : tenants);
    }

    /// <summary>Makes the claims that <see cref="Of"/> reads.</summary>
    public ClaimsIdentity ToIdentity(string authenticationType) => new(
        [
            new(ClaimTypes.Name, Name),
            new(ClaimTypes.Role, $"{Role}"),
            .. (Tenants ?? new HashSet<string> { AllTenants }).Select(tenant => new Claim(TenantClaim, tenant)),
        ],
        authenticationType);
}
