using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Scheduling;

/// <summary>Adds the scheduler to a plain bus, one that is added with MassTransit's own <c>AddMassTransit</c>.</summary>
public static class QuartzRegistrationExtensions
{
    /// <summary>
    /// Adds the endpoint that takes scheduling messages, and what sends them at their times. They are kept in the bus's database, where it
    /// has one by <c>AddEntityFrameworkOutbox</c>; otherwise in memory, and the log says so. Quartz need not be added besides.
    /// </summary>
    /// <param name="configurator">The bus.</param>
    /// <param name="configure">Changes the endpoint.</param>
    public static void AddQuartzConsumers(this IBusRegistrationConfigurator configurator, Action<QuartzEndpointOptions>? configure = null)
    {
        var options = configurator.AddOptions<QuartzEndpointOptions>();
        if (configure is not null)
            options.Configure(configure);
        if (configurator.Any(service => service.ServiceType == typeof(PlainSchedulerService)))
            return;

        if (configurator.Any(service => service.ServiceType == typeof(ISchedules)))
            throw new BusConfigurationException(
                "AddQuartzConsumers: this host has a scheduler already, that of its domains, which takes scheduling messages from the "
                + $"queue '{ScheduleConsumer.Queue}'. Leave AddQuartzConsumers out.");

        configurator.TryAddSingleton(new DomainCatalog([]));
        configurator.TryAddSingleton<DatabaseSettings>();
        configurator.TryAddSingleton(TimeProvider.System);
        configurator.AddSingleton(ScheduleCatalog.Empty);
        configurator.AddSingleton(PlainSchedulerService.Settings);
        configurator.AddSingleton<IScheduleStore>(services =>
            services.GetRequiredService<SchedulingSettings>().Store == ScheduleStoreKind.Database
                ? ActivatorUtilities.CreateInstance<DatabaseScheduleStore>(services)
                : ActivatorUtilities.CreateInstance<MemoryScheduleStore>(services));
        SchedulingModule.AddServices(configurator);
        configurator.AddMetrics();
        configurator.AddConsumer<ScheduleConsumer, QuartzConsumerDefinition>();
        configurator.AddReceiveObserver<RunObserver>();
        configurator.AddSingleton<PlainSchedulerService>();
        configurator.AddHostedService(services => services.GetRequiredService<PlainSchedulerService>());
        configurator.WithDatabase(bus => bus.AddDatabaseContext<ScheduleDbContext>());
    }

    /// <summary>Has an endpoint of one's own take the scheduling messages.</summary>
    public static void ConfigureQuartzConsumers(this IReceiveEndpointConfigurator configurator, IBusRegistrationContext context) =>
        configurator.ConfigureConsumer<ScheduleConsumer>(context);
}
