using System.Security.Claims;

namespace MaestroBus.Admin.Api;

/// <summary>Says which role an endpoint needs.</summary>
public static class RoleExtensions
{
    /// <summary>Lets only callers of this role, or of one that includes it, call the endpoints.</summary>
    public static T RequireRole<T>(this T endpoints, AdminRole role)
        where T : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(Policy(role));

    internal static string Policy(AdminRole role) => $"admin-{role}";

    internal static AdminRole? Of(ClaimsPrincipal caller) =>
        Enum.TryParse<AdminRole>(caller.FindFirstValue(ClaimTypes.Role), out var role) ? role : null;
}
