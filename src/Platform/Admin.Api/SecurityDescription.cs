using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Maestro.Bus.Admin.Api;

/// <summary>Tells the OpenAPI document how callers show who they are, and what each operation needs.</summary>
static class SecurityDescription
{
    const string ApiKey = "ApiKey";
    const string Bearer = "Bearer";

    /// <summary>Adds the two ways in which a caller shows who it is.</summary>
    public static void AddTo(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "A key of Bus:Access:Keys.",
            },
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key, or a token of the provider of Bus:Access:Oidc.",
            },
        };
    }

    /// <summary>Adds what an operation needs: one of the two ways, with the role that it declares.</summary>
    public static void AddTo(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;

        // The operation's own comes after its group's, and includes it.
        var roles = metadata.OfType<AccessRequirement>().Last().AnyOf.Select(role => $"{role}".ToLowerInvariant()).ToList();
        var reach = metadata.OfType<TenantReach>().Any() ? " for all tenants" : "";
        operation.Description = $"Needs the role {string.Join(" or ", roles)}{reach}.";
        operation.Security = [.. new[] { ApiKey, Bearer }.Select(scheme =>
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [.. roles] })];
    }
}
