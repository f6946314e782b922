using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Access;

/// <summary>
/// Stands before every endpoint that needs an identity: answers callers that have none or may not do this, and what browsers send for pages
/// of other origins. Each answer is a problem that says what to do.
/// </summary>
sealed class AccessGate(ApiKeys keys, AccessSettings settings, BrowserRules rules) : IAuthorizationMiddlewareResultHandler
{
    const string ProviderRetryAfter = "10";

    public async Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var refusal =
            rules.IsForeign(context.Request) ? Foreign()
            : authorizeResult.Challenged ? await Unknown(context)
            : authorizeResult.Forbidden ? Forbidden(context)
            : BrowserRules.LacksJson(context.Request) ? NotJson()
            : null;

        await (refusal is null ? next(context) : refusal.ExecuteAsync(context));
    }

    static ProblemHttpResult Foreign() => Problem(
        StatusCodes.Status403Forbidden,
        "Pages of other origins are refused.",
        "A browser has sent this for a page of another origin than the host's own. " +
        "List the page's origin in Bus:Access:Origins if its scripts are to call the bus. " +
        "If the page is the host's own behind a proxy, list the proxy in Bus:Access:Proxies.");

    static ProblemHttpResult NotJson() => Problem(
        StatusCodes.Status415UnsupportedMediaType, "The body is not JSON.", "Send it with the header Content-Type: application/json.");

    async Task<ProblemHttpResult> Unknown(HttpContext context)
    {
        // The handler keeps its result for the request.
        var failure = (await context.AuthenticateAsync(CallerHandler.Scheme)).Failure;

        switch (failure)
        {
            case TooManyAttemptsException attempts:
                context.Response.Headers.RetryAfter = Math.Ceiling(attempts.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return Problem(
                    StatusCodes.Status429TooManyRequests,
                    attempts.Message,
                    "Send a valid one: it is answered at once. Otherwise wait for the time that Retry-After says.");

            case ProviderAwayException away:
                context.Response.Headers.RetryAfter = ProviderRetryAfter;
                return Problem(
                    StatusCodes.Status503ServiceUnavailable,
                    away.Message,
                    "Send it again after the time that Retry-After says, or send an API key.");
        }

        // Nothing that a caller could send would do.
        if (!keys.Any && settings.Oidc.Authority is null)
            return Problem(
                StatusCodes.Status403Forbidden,
                "The administration and all that needs an identity are switched off.",
                "No key and no OpenID Connect provider is configured. " +
                "Run 'maestro keys new NAME', set what it prints below Bus:Access:Keys, and restart the host.");

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(
            StatusCodes.Status401Unauthorized,
            failure?.Message ?? "The key is missing.",
            $"Send a key of Bus:Access:Keys in the header {CallerHandler.Header} or as 'Authorization: Bearer'"
                + (settings.Oidc.Authority is null ? "." : ", or a token of the provider as the latter."));
    }

    static ProblemHttpResult Forbidden(HttpContext context)
    {
        if (BusCaller.Of(context.User) is not { } caller)
            return Problem(
                StatusCodes.Status403Forbidden,
                "The token names no role.",
                "None of the values of the claim Bus:Access:Oidc:RoleClaim stands for a role in Bus:Access:Oidc:Roles. " +
                "Have the provider give the caller one that does.");

        var metadata = context.GetEndpoint()?.Metadata;
        var roles = metadata?.GetOrderedMetadata<AccessRequirement>() ?? [];

        if (caller.Tenants is not null && metadata?.GetMetadata<TenantReach>() is not null && roles.All(role => role.IsMetBy(caller.Role)))
            return Problem(
                StatusCodes.Status403Forbidden,
                "This concerns all tenants.",
                $"The caller {caller.Name} is limited to {caller.TenantNames}. Use a key whose Tenants is *.");

        return Problem(
            StatusCodes.Status403Forbidden,
            "The caller's role does not allow this.",
            $"The caller {caller.Name} has the role {Text(caller.Role)}. This needs {Needed(roles, caller.Role)}. Use a key that has it.");
    }

    static string Needed(IReadOnlyList<AccessRequirement> roles, AccessRole has) =>
        roles.FirstOrDefault(role => !role.IsMetBy(has)) is { } missing
            ? string.Join(" or ", missing.AnyOf.Select(Text))
            : $"{Text(AccessRole.Admin)} for all tenants";

    static string Text(AccessRole role) => $"{role}".ToLowerInvariant();

    static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
