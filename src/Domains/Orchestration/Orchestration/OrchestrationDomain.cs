namespace MaestroBus.Orchestration;

public sealed class OrchestrationDomain : BusDomain
{
    internal const string QueueName = "orchestration-flows";

    public override string Queue => QueueName;

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
        bus.Services.AddSingleton(FlowSpecificationFiles.Load(settings, bus))
            .AddSingleton<IDeadLetterListener, FlowDeadLetterListener>();
        // After the bus, which it publishes to.
        bus.Complete(services => services.AddHostedService<FlowDetector>());
        bus.Topics(topics =>
        {
            topics.Produces<FlowStarted>(FlowTopics.Events, started => $"{started.FlowId}");
            topics.Produces<FlowCompleted>(FlowTopics.Events, completed => $"{completed.FlowId}");
            topics.Produces<FlowFailed>(FlowTopics.Events, failed => $"{failed.FlowId}");
        });
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/flows", StartFlowEndpoint.Handle)
            .RequireRole(AccessRole.Client)
            .ReadsItsBody(routes.ServiceProvider.GetRequiredService<OrchestrationSettings>().MaxBodySize);
        routes.MapGet("/flows/{id:guid}", GetFlowEndpoint.Handle).RequireRole(AccessRole.Client, AccessRole.Reader);
        routes.MapGet("/flows/specifications", (HttpContext http, FlowSpecifications specifications) =>
                specifications.All.Where(http.Caller().MayStart))
            .RequireRole(AccessRole.Client, AccessRole.Reader);
    }
}
