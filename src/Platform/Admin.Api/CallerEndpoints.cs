namespace Maestro.Bus.Admin.Api;

/// <summary>Tells a caller who it is.</summary>
sealed class CallerEndpoints : AdminEndpoints
{
    public override void Map(IEndpointRouteBuilder admin) =>
        admin.MapGet("/caller", (HttpContext context) =>
                context.Caller() is var caller ? new Caller(caller.Name, $"{caller.Role}".ToLowerInvariant()) : null)
            .WithName("GetCaller")
            .WithTags("Access")
            .WithSummary("Who you are, and what you may do");
}
