namespace Maestro.Bus.Access.Tests;

/// <summary>A domain with an endpoint of each declaration, which tell what they see of a request.</summary>
sealed class ProbeDomain : BusDomain
{
    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/reader", (HttpContext context) => Seen.Of(context)).RequireRole(AccessRole.Reader);
        routes.MapPost("/client", (HttpContext context) => Seen.Of(context)).RequireRole(AccessRole.Client);
        routes.MapDelete("/all", (HttpContext context) => Seen.Of(context)).RequireRole(AccessRole.Operator).RequireAllTenants();
        routes.MapGet(
            "/tenants/{tenant}", (string tenant, HttpContext context) => context.RefuseTenant(tenant) ?? (IResult)Results.Ok()).RequireRole(
                AccessRole.Reader);
        routes.MapGet("/known", (HttpContext context) => Seen.Of(context)).AllowAnonymousCallers(
            "Tests ask who is known.", identifiesCallers: true);
        routes.MapPost("/hook", (HttpContext context) => Seen.Of(context)).AllowAnonymousCallers("Tests ask what is ignored.");
        routes.MapGet("/undeclared", (HttpContext context) => Seen.Of(context));
    }
}

/// <summary>What an endpoint sees of a request.</summary>
public sealed record Seen(string? Name, string? Role, string? Tenants, string Address, string Url, bool IsForwarded)
{
    internal static Seen Of(HttpContext context) => BusCaller.Of(context.User) is var caller
        ? new Seen(
            caller?.Name, caller is null ? null : $"{caller.Role}", caller?.TenantNames, $"{context.Connection.RemoteIpAddress}",
            $"{context.Request.Scheme}://{context.Request.Host}", context.CameThroughTrustedProxy())
        : throw new InvalidOperationException();
}
