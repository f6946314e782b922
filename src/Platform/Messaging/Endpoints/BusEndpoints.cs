using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Messaging;

/// <summary>The bus's HTTP endpoints: its own, the domains' and the modules'.</summary>
public static class BusEndpoints
{
    static readonly AccessRequirement Details = new([AccessRole.Reader]);

    // Health checks answer every method unless they are told.
    static readonly HttpMethodMetadata Asked = new([HttpMethods.Get, HttpMethods.Head]);

    internal const string Live = "/health/live";

    internal const string Ready = "/health/ready";

    const string Startup = "/health/startup";

    /// <summary>
    /// Maps <c>/health/live</c>, <c>/health/startup</c>, <c>/health/ready</c>, <c>/health/brokers</c>, <c>/domains</c>,
    /// <c>/journeys/{id}</c>, and what each domain and module maps.
    /// </summary>
    public static void MapBus(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Live, new HealthCheckOptions { Predicate = _ => false })
            .WithMetadata(Asked)
            .AllowAnonymousCallers("It tells that the process answers, and nothing else.");
        // While the host starts, everything but /health/live is answered with 503: StartingFilter.
        routes.MapHealthChecks(Startup, new HealthCheckOptions { Predicate = _ => false })
            .WithMetadata(Asked)
            .AllowAnonymousCallers("It tells that the process has started, and nothing else.");
        routes.Map(Ready, WriteReadiness)
            .ExcludeFromDescription()
            .WithMetadata(Asked)
            .AllowAnonymousCallers("Without a key it tells whether the process is ready, and not why.", identifiesCallers: true);

        // Health is asked for by all kinds of programs, and takes no parameters; everything else is behind the bounds, whoever maps it.
        var bounded = routes.MapGroup("").Bound();

        bounded.MapGet("/domains", (DomainCatalog catalog, QueuePolicies policies, BusTransport transport) =>
            catalog.Domains.Select(domain => new DomainView(domain.Name, domain.Queue, transport.Name, policies.Of(domain.Queue))))
            .RequireRole(AccessRole.Reader);
        bounded.MapGet("/health/brokers", (HealthHistory history, Outages outages) => new DependenciesView(
            history.IsSilent, [.. history.All.Select(DependencyView.Of), .. outages.All.Select(DependencyView.Of)]))
            .RequireRole(AccessRole.Reader);
        bounded.MapGet("/journeys/{id:guid}", FindJourney).RequireRole(AccessRole.Reader);

        foreach (var domain in routes.ServiceProvider.GetRequiredService<DomainCatalog>().Domains)
            domain.MapEndpoints(bounded.MapGroup("").WithMetadata(domain));

        foreach (var module in routes.ServiceProvider.GetRequiredService<ModuleCatalog>().Modules)
            module.MapEndpoints(bounded);
    }

    static Results<Ok<JourneyView>, ProblemHttpResult> FindJourney(Guid id, HttpContext http, JourneyLog log)
    {
        var caller = http.Caller();
        var hops = log.Of(id).Where(hop => caller.MayAccess(hop.Tenant)).ToList();

        return hops.Count > 0
            ? TypedResults.Ok(new JourneyView(id, hops))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound,
                title: "Unknown journey",
                detail: $"This process knows no message of the conversation {id}. It keeps the newest hops only; ask the process that "
                    + "handled it, or raise Bus:Journeys:Hops.");
    }

    static async Task WriteReadiness(HttpContext context)
    {
        // Reasons name servers and queues.
        var readiness = context.RequestServices.GetRequiredService<Readiness>();
        var mayKnow = BusCaller.Of(context.User) is { } caller && Details.IsMetBy(caller.Role);
        var report = await (mayKnow ? readiness.Check(context.RequestAborted) : readiness.Newest(context.RequestAborted));
        var checks = mayKnow
            ? report.Entries.ToDictionary(
                entry => entry.Key, entry => new HealthCheckView($"{entry.Value.Status}", entry.Value.Description))
            : null;

        context.Response.StatusCode = report.Entries.Values.All(entry => entry.Status == HealthStatus.Healthy
            || (entry.Status == HealthStatus.Degraded && entry.Tags.Contains(HealthTags.Tolerated)))
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store, no-cache";
        await context.Response.WriteAsJsonAsync(new HealthView($"{report.Status}", checks));
    }

    sealed record DomainView(string Name, string Queue, string Transport, QueuePolicy Policy);

    /// <param name="IsSilent">Whether the health checks have not answered for 15 s, so that what they said tells nothing any more.</param>
    /// <param name="Dependencies">What this process depends on.</param>
    sealed record DependenciesView(bool IsSilent, IReadOnlyList<DependencyView> Dependencies);

    sealed record DependencyView(
        string Name, string Kind, string Status, DateTimeOffset? Since, string? Description, string? LastError, int Reconnects)
    {
        public static DependencyView Of(HealthState state) => new(
            state.Name, state.Broker is null ? "check" : "broker", $"{state.Status}", state.Since, state.Description, state.LastError,
            state.Recoveries);

        public static DependencyView Of(KeyValuePair<string, OutageState> outage) => new(
            outage.Key, "server", $"{(outage.Value.IsAway ? HealthStatus.Unhealthy : HealthStatus.Healthy)}", outage.Value.Since, null,
            outage.Value.LastReason, outage.Value.Recoveries);
    }

    sealed record JourneyView(Guid Id, IReadOnlyList<Hop> Hops);

    sealed record HealthView(
        string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Dictionary<string, HealthCheckView>? Checks);

    sealed record HealthCheckView(string Status, string? Description);
}
