using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MaestroBus.Messaging;

/// <summary>The bus's HTTP endpoints: its own, the domains' and the modules'.</summary>
public static class BusEndpoints
{
    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c>, <c>/domains</c>, <c>/journeys/{id}</c>, and what each domain and module maps.</summary>
    public static void MapBus(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains("ready"),
            ResponseWriter = WriteHealth,
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        });

        routes.MapGet("/domains", (DomainCatalog catalog, QueuePolicies policies, BusTransport transport) =>
            catalog.Domains.Select(domain => new DomainView(domain.Name, domain.Queue, transport.Name, policies.Of(domain.Queue))));
        routes.MapGet("/journeys/{id:guid}", FindJourney);

        foreach (var domain in routes.ServiceProvider.GetRequiredService<DomainCatalog>().Domains)
            domain.MapEndpoints(routes.MapGroup("").WithMetadata(domain));

        foreach (var module in routes.ServiceProvider.GetRequiredService<ModuleCatalog>().Modules)
            module.MapEndpoints(routes);
    }

    static Results<Ok<JourneyView>, ProblemHttpResult> FindJourney(Guid id, JourneyLog log)
    {
        var hops = log.Of(id);

        return hops.Count > 0
            ? TypedResults.Ok(new JourneyView(id, hops))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound,
                title: "Unknown journey",
                detail: $"This process knows no message of the conversation {id}. It keeps the newest hops only; ask the process that handled it, or raise Bus:Journeys:Hops.");
    }

    static Task WriteHealth(HttpContext context, HealthReport report)
    {
        // A queue that waits for somebody else's server is worth knowing of, and no reason to send this process no more work.
        if (report.Entries.All(entry => entry.Value.Status == HealthStatus.Healthy || entry.Key == PausedQueuesCheck.Name))
            context.Response.StatusCode = StatusCodes.Status200OK;

        return context.Response.WriteAsJsonAsync(new HealthView(
            report.Status.ToString(),
            report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckView(entry.Value.Status.ToString(), entry.Value.Description))));
    }

    sealed record DomainView(string Name, string Queue, string Transport, QueuePolicy Policy);

    sealed record JourneyView(Guid Id, IReadOnlyList<Hop> Hops);

    sealed record HealthView(string Status, Dictionary<string, HealthCheckView> Checks);

    sealed record HealthCheckView(string Status, string? Description);
}
