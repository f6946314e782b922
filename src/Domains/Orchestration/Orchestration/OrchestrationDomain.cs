namespace MaestroBus.Orchestration;

public sealed class OrchestrationDomain : BusDomain
{
    public override string Queue => "orchestration-flows";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.High,
        Concurrency = 15,
        MemoryPerWorker = 512,
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromSeconds(5),
    };

    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<OrchestrationSettings>("Orchestration");
        bus.AddDatabase<OrchestrationDbContext>();
        bus.Services.AddSingleton(FlowSpecificationFiles.Load(settings, bus));
        bus.Topics(topics =>
        {
            topics.Produces<FlowStarted>(FlowTopics.Events, started => $"{started.FlowId}");
            topics.Produces<FlowCompleted>(FlowTopics.Events, completed => $"{completed.FlowId}");
            topics.Produces<FlowFailed>(FlowTopics.Events, failed => $"{failed.FlowId}");
        });
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/flows", StartFlowEndpoint.Handle);
        routes.MapGet("/flows/{id:guid}", GetFlowEndpoint.Handle);
        routes.MapGet("/flows/specifications", (FlowSpecifications specifications) => specifications.All);
    }
}
