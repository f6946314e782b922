using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace MaestroBus.Admin.Api;

/// <summary>The administration over HTTP, below <c>/admin</c>: each area's endpoints, who may call them, and their OpenAPI document.</summary>
public sealed class AdminModule : BusModule
{
    const string Prefix = "admin";

    readonly IReadOnlyList<AdminEndpoints> _areas =
    [
        .. typeof(AdminModule).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(AdminEndpoints)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (AdminEndpoints)Activator.CreateInstance(type)!),
    ];

    public override void AddServices(BusBuilder bus)
    {
        bus.AddSettings<AdminSettings>(AdminSettings.Section);
        bus.Services.AddSingleton<AdminKeys>();
        bus.Services.AddProblemDetails();
        // A body that is no JSON is the caller's fault in Development, too.
        bus.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        bus.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AdminKeyHandler>(AdminKeyHandler.Scheme, null);
        bus.Services.AddAuthorization(options =>
        {
            foreach (var role in Enum.GetValues<AdminRole>())
                options.AddPolicy(RoleExtensions.Policy(role), new AuthorizationPolicyBuilder(AdminKeyHandler.Scheme)
                    .RequireAssertion(context => RoleExtensions.Of(context.User) >= role)
                    .Build());
        });
        bus.Services.AddOpenApi(Prefix, options =>
        {
            options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith($"{Prefix}/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Administration of the bus";
                document.Info.Description = "Send the key of Bus:Admin:Keys in the header X-Api-Key. Errors are application/problem+json.";
                return Task.CompletedTask;
            });
        });

        foreach (var area in _areas)
            area.AddServices(bus);
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup($"/{Prefix}").RequireRole(AdminRole.Reader);
        admin.AddEndpointFilterFactory(QueryFilter.Create);
        admin.MapOpenApi("/openapi/{documentName}.json").ExcludeFromDescription();

        foreach (var area in _areas)
            area.Map(admin);
    }
}
