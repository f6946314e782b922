using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Access.Tests;

/// <summary>
/// Every route of the host, and whom it serves. A route that is new or serves others than before has its line in <c>routes.approved.txt</c>
/// changed.
/// </summary>
public sealed partial class RouteTests
{
    // Bodies that are sound except for the caller's tenants.
    static readonly Dictionary<string, object> Bodies = new()
    {
        ["/flows"] = new { specificationId = "order-placed", tenant = "acme", trigger = new { } },
        ["/notifications/bulk"] = new { tenant = "acme", channel = "internal", recipients = new[] { "Ada" }, text = "Hello" },
    };

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Every_route_serves_whom_its_declaration_says(string environment)
    {
        await using var host = new WholeHost(environment);
        var table = new StringBuilder("# method and route, none, client, reader, operator, admin, admin of another tenant; declaration\n");

        foreach (var (method, endpoint) in Routes(host.Services))
        {
            var line = new StringBuilder($"{method,-6} {endpoint.RoutePattern.RawText,-48}");
            foreach (var caller in WholeHost.Callers.Prepend(null))
                line.Append($" {await Ask(host, caller, method, endpoint),-6}");
            table.Append($"{line} {Declaration(endpoint)}\n");
        }

        Approved.Verify($"{table}", "routes");
    }

    [Fact]
    public async Task Every_route_declares_whom_it_serves()
    {
        await using var host = new WholeHost("Production");

        Assert.DoesNotContain(Routes(host.Services), route => Declaration(route.Endpoint) == "undeclared");
    }

    [Fact]
    public async Task A_route_that_declares_nothing_is_found()
    {
        await using var server = await ProbeServer.Start();

        var undeclared = Assert.Single(Routes(server.Services), route => Declaration(route.Endpoint) == "undeclared");

        Assert.Equal("/undeclared", undeclared.Endpoint.RoutePattern.RawText);
    }

    [Fact]
    public async Task Production_with_expired_keys_only_serves_what_is_anonymous()
    {
        await using var host = new WholeHost(
            "Production", WholeHost.Callers.ToDictionary(caller => $"Bus:Access:Keys:{caller}:Expires", _ => (string?)"2020-01-01"));

        foreach (var (method, endpoint) in Routes(host.Services).Where(
            route => route.Endpoint.Metadata.GetMetadata<AnonymousAccess>() is null))
            Assert.Equal("401", await Ask(host, null, method, endpoint));
    }

    static IEnumerable<(string Method, RouteEndpoint Endpoint)> Routes(IServiceProvider services) =>
        services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .SelectMany(
            endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => (method, endpoint)))
        .OrderBy(route => route.endpoint.RoutePattern.RawText, StringComparer.Ordinal)
        .ThenBy(route => route.method, StringComparer.Ordinal);

    static string Declaration(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<AnonymousAccess>() is { } anonymous)
            return $"anonymous: {anonymous.Reason}";

        // Those of a group and of its endpoint apply together.
        var roles = endpoint.Metadata.GetOrderedMetadata<AccessRequirement>().Select(
            roles => string.Join(" or ", roles.AnyOf.Select(role => $"{role}".ToLowerInvariant())));
        return roles.ToList() is not { Count: > 0 } declared ? "undeclared"
            : string.Join(" and ", declared.Distinct()) + (endpoint.Metadata.GetMetadata<TenantReach>() is null ? "" : ", all tenants");
    }

    static async Task<string> Ask(WholeHost host, string? caller, string method, RouteEndpoint endpoint)
    {
        var route = endpoint.RoutePattern.RawText!;
        var path = Parameter().Replace(route, parameter => parameter.Groups[2].Value switch
        {
            ":guid" => $"{Guid.Empty}",
            ":long" => "1",
            _ => parameter.Groups[1].Value == "documentName" ? "admin" : "none",
        });
        if (endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters().Any(parameter => parameter.Name == "tenant") == true)
            path += "?tenant=acme";

        using var response = await host.Send(
            caller, method, path, method is "POST" or "PUT" ? Bodies.GetValueOrDefault(route, new { }) : null);
        return response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? $"{(int)response.StatusCode}" : "served";
    }

    [GeneratedRegex(@"\{(\w+)(:\w+)?\}")]
    private static partial Regex Parameter();
}
