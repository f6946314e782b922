using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Jobs;

/// <summary>Runs the jobs of the domains' <see cref="IJobConsumer{TJob}"/>s, which are found like their other consumers.</summary>
public sealed class JobsModule : BusModule
{
    /// <summary>Whether one of the domains has a job consumer.</summary>
    public static bool IsNeededBy(DomainCatalog catalog) => catalog.Assemblies.Any(JobTypes.AnyIn);

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase();
        var types = JobTypes.Of(bus);
        bus.AddSettings<JobServiceSettings>(JobServiceSettings.Section);
        bus.AddSettings<RetrySettings>(RetrySettings.Section);

        foreach (var type in types.All)
            bus.Services.TryAddScoped(type.Consumer);

        bus.Services
            .AddSingleton(types)
            .AddSingleton<JobDatabase>()
            .AddSingleton<JobMetrics>()
            .AddSingleton<JobSignals>()
            .AddSingleton<JobEvents>()
            .AddSingleton<JobBatches>()
            .AddSingleton<JobAdditions>()
            .AddSingleton<JobClaims>()
            .AddSingleton<JobEndings>()
            .AddSingleton<JobChanges>()
            .AddSingleton<JobHosts>()
            .AddSingleton<JobHistory>()
            .AddSingleton<JobJournal>()
            .AddSingleton<JobQueries>()
            .AddSingleton<JobExecutor>()
            .AddSingleton<JobSettler>()
            .AddSingleton<ILoggerProvider, JobLogProvider>()
            .AddScoped<IJobs, JobService>();
        bus.Services.TryAddSingleton<BusSettings>();

        bus.ConfigureBus(configurator =>
        {
            configurator.AddOutbox();
            configurator.AddConsumer<JobCommandConsumer>()
                .Endpoint(endpoint => endpoint.Name = bus.Names.Queue(JobCommandConsumer.Queue));
            foreach (var type in types.All)
                configurator.AddConsumer(type.SubmissionConsumer).Endpoint(endpoint => endpoint.Name = type.SubmissionQueue);
        });

        // Last of all: jobs begin when the bus has started, and have ended before it stops.
        bus.Complete(AddHost);
    }

    static void AddHost(IServiceCollection services) => services.AddHostedService<JobNotifications>().AddHostedService<JobHost>();
}
