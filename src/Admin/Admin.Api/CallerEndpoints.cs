namespace MaestroBus.Admin.Api;

/// <summary>Tells a caller who it is.</summary>
sealed class CallerEndpoints : AdminEndpoints
{
    public override void Map(IEndpointRouteBuilder admin) =>
        admin.MapGet("/caller", (HttpContext context) => new Caller(context.User.Identity!.Name!, $"{RoleExtensions.Of(context.User)}".ToLowerInvariant()))
            .WithName("GetCaller")
            .WithTags("Access")
            .WithSummary("Who you are, and what you may do");
}
