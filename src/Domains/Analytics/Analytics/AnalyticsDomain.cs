namespace MaestroBus.Analytics;

public sealed class AnalyticsDomain : BusDomain
{
    public override string Queue => "analytics-events";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.Low,
        Concurrency = 5,
        MemoryPerWorker = 256,
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromSeconds(60),
    };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddSettings<AnalyticsSettings>("Analytics");
        bus.AddDatabase<AnalyticsDbContext>();
        bus.Services.AddScoped<IUsageStore, DatabaseUsageStore>().AddHostedService<CountedMessages>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes) => routes.MapUsage();
}
