namespace Maestro.Bus.Admin.Api;

/// <summary>
/// The administration over HTTP, below <c>/admin</c>: each area's endpoints, who may call them, and their OpenAPI document.
/// </summary>
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
        bus.Services.AddProblemDetails();
        bus.Services.AddOpenApi(Prefix, options =>
        {
            options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith($"{Prefix}/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Administration of the bus";
                document.Info.Description =
                    "Send a key of Bus:Access:Keys in the header X-Api-Key, or as Authorization: Bearer. Errors are "
                        + "application/problem+json.";
                SecurityDescription.AddTo(document);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                SecurityDescription.AddTo(operation, context);
                return Task.CompletedTask;
            });
        });

        foreach (var area in _areas)
            area.AddServices(bus);
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup($"/{Prefix}").RequireRole(AccessRole.Reader).RequireAllTenants().HasAnswerTime(true);
        admin.MapOpenApi("/openapi/{documentName}.json").ExcludeFromDescription();

        foreach (var area in _areas)
            area.Map(admin);
    }
}
