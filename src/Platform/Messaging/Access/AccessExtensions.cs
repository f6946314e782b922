using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Declares who may call an HTTP endpoint. Each endpoint of a domain or module declares it; one that does not serves administrators only.
/// </summary>
public static class AccessExtensions
{
    /// <summary>
    /// Serves only callers that have one of the roles, or a role that includes one: an operator does what clients and readers do, an
    /// administrator everything.
    /// </summary>
    /// <remarks>Declarations of a group and of its endpoints apply together.</remarks>
    public static T RequireRole<T>(this T endpoints, params AccessRole[] anyOf)
        where T : IEndpointConventionBuilder
    {
        var requirement = new AccessRequirement(anyOf);
        var policy = new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(context => BusCaller.Of(context.User) is { } caller && requirement.IsMetBy(caller.Role))
            .Build();

        return endpoints.RequireAuthorization(policy).WithMetadata(requirement);
    }

    /// <summary>Serves only callers that are not limited to some tenants, for endpoints that show or change what belongs to all.</summary>
    /// <remarks>It says nothing about roles: use it beside <see cref="RequireRole"/>.</remarks>
    public static T RequireAllTenants<T>(this T endpoints)
        where T : IEndpointConventionBuilder
    {
        var policy = new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(context => BusCaller.Of(context.User) is { Tenants: null })
            .Build();

        return endpoints.RequireAuthorization(policy).WithMetadata(TenantReach.All);
    }

    /// <summary>Serves callers without an identity.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="reason">What protects them instead, or why nothing needs to.</param>
    /// <param name="identifiesCallers">
    /// Whether a key or token that is sent nevertheless is looked at, so that <see cref="BusCaller.Of"/> finds its caller. Otherwise
    /// credentials are ignored: they may be meant for something else, such as a webhook's.
    /// </param>
    public static T AllowAnonymousCallers<T>(this T endpoints, string reason, bool identifiesCallers = false)
        where T : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new AnonymousAccess(reason, identifiesCallers));

    /// <summary>Gets the caller of an endpoint that declares a role.</summary>
    /// <exception cref="InvalidOperationException">The request has no authenticated caller: the endpoint declares no role.</exception>
    public static BusCaller Caller(this HttpContext context) =>
        BusCaller.Of(context.User)
        ?? throw new InvalidOperationException(
            $"{context.Request.Path} has no caller. Declare with RequireRole who may call the endpoint.");

    /// <summary>Refuses a caller that asks for a tenant that is not one of its own.</summary>
    /// <returns>The answer 403 with a problem, or null if the caller may access the tenant.</returns>
    public static ProblemHttpResult? RefuseTenant(this HttpContext context, string tenantId) =>
        context.Caller() is var caller && caller.MayAccess(tenantId)
            ? null
            : TypedResults.Problem(
                statusCode: StatusCodes.Status403Forbidden,
                title: "The tenant is not one of yours.",
                detail: $"The caller {caller.Name} may act for {caller.TenantNames}, not for '{tenantId}'. " +
                    "Name one of its tenants, or use a key that has this one.");

    /// <summary>
    /// Tells whether the request has come through a proxy of <c>Bus:Access:Proxies</c>. Only then were its headers such as
    /// <c>X-Forwarded-For</c>, or one that a proxy sets after it has identified a tenant, written by somebody who is trusted.
    /// </summary>
    public static bool CameThroughTrustedProxy(this HttpContext context) => context.Features.Get<ForwardedRequest>() is not null;
}
