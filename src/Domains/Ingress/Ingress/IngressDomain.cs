namespace MaestroBus.Ingress;

public sealed class IngressDomain : BusDomain
{
    internal const string QueueName = "ingress-events";

    public override string Queue => QueueName;

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.High,
        Concurrency = 20,
        MemoryPerWorker = 256,
        Attempts = 5,
        FirstRetryDelay = TimeSpan.FromSeconds(2),
    };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddSettings<IngressSettings>("Ingress");
        bus.Services
            .AddSingleton<WebhookProviders>()
            .AddSingleton<WebhookPublisher>()
            .AddSingleton<WebhookReceiver>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes) => WebhookEndpoint.Map(routes);
}
