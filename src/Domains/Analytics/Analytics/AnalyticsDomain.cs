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
        var settings = bus.AddSettings<AnalyticsSettings>("Analytics");
        bus.AddDatabase<AnalyticsDbContext>();
        bus.Services.AddScoped<IUsageStore, DatabaseUsageStore>();

        foreach (var (tenant, report) in settings.Reports)
            bus.AddSchedule<ReportUsage>($"usage-report.{tenant.ToLowerInvariant()}", schedule => schedule
                .Cron("0 2 * * *")
                .InTimeZone(report.TimeZone)
                .ForTenant(tenant)
                .WithJitter(TimeSpan.FromMinutes(1))
                .Described($"Tells {report.Recipient} what {tenant} has used on the day before")
                .Message(new ReportUsage(tenant, report.TimeZone, report.Recipient)));

        bus.Topics(topics =>
        {
            topics.Consumes<FlowStarted>(FlowTopics.Events);
            topics.Consumes<FlowCompleted>(FlowTopics.Events);
            topics.Consumes<FlowFailed>(FlowTopics.Events);
        });
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes) => routes.MapUsage();
}
