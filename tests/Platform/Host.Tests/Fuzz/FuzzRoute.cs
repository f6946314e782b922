using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Maestro.Bus.Host.Tests;

/// <summary>One route of the host.</summary>
/// <param name="Pattern">Its pattern, such as <c>/flows/{id:guid}</c>.</param>
/// <param name="Methods">Its HTTP methods.</param>
sealed record FuzzRoute(RoutePattern Pattern, IReadOnlyList<string> Methods)
{
    /// <summary>Gets all routes of a host that runs in this process.</summary>
    public static IReadOnlyList<FuzzRoute> Of(IServiceProvider services) =>
    [
        .. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint => new FuzzRoute(
            endpoint.RoutePattern, endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])),
    ];

    public override string ToString() => Pattern.RawText!;
}
