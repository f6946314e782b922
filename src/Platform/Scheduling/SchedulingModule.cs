using MassTransit.Scheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Scheduling;

/// <summary>Runs the schedules that domains and the configuration declare, and delivers messages at a later time.</summary>
public sealed class SchedulingModule : BusModule
{
    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<SchedulingSettings>(SchedulingSettings.Section);
        var catalog = ScheduleCatalog.Of(bus, bus.Catalog, settings);

        if (settings.Store == ScheduleStoreKind.Database)
        {
            bus.AddDatabase<ScheduleDbContext>();
            bus.Services.AddSingleton<IScheduleStore, DatabaseScheduleStore>().AddSingleton<IScheduledRuns, ScheduledRuns>();
        }
        else
        {
            bus.Services.TryAddSingleton(new DatabaseSettings());
            bus.Services.AddSingleton<IScheduleStore, MemoryScheduleStore>();
        }

        AddServices(bus.Services);
        bus.Services
            .AddSingleton(catalog)
            .AddSingleton<IStartCheck, ScheduleQueueCheck>()
            .AddSingleton<IDescribedPart, DescribedSchedules>()
            .AddScoped<IRecurringMessageScheduler>(scope => new EndpointRecurringMessageScheduler(
                scope.GetRequiredService<ISendEndpointProvider>(), RoutedScheduler.QueueOf(scope),
                scope.GetRequiredService<IBus>().Topology));

        bus.ConfigureBus(configurator =>
        {
            configurator.AddConsumer<ScheduleConsumer>()
                .Endpoint(endpoint => endpoint.Name = bus.Names.Queue(ScheduleConsumer.Queue));
            configurator.AddReceiveObserver<RunObserver>();
            configurator.AddConfigureEndpointsCallback((context, _, endpoint) =>
            {
                endpoint.UseFilter(ActivatorUtilities.CreateInstance<CancelledFilter>(context));
                endpoint.UseFilter(ActivatorUtilities.CreateInstance<SchedulerFilter>(context));
            });
        });

        // The outbox wraps the scheduler that is there: this one, which knows where a message waits.
        bus.Complete(RoutedScheduler.Wrap, isFirst: true);
        bus.Complete(AddService);
    }

    /// <summary>Adds what every bus's scheduler has.</summary>
    internal static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton<SteadyClock>();
        services
            .AddSingleton<DeclaredSchedules>()
            .AddSingleton<ScheduleMetrics>()
            .AddSingleton<AlarmJob>()
            .AddSingleton<AlarmClock>()
            .AddSingleton<HolderWatch>()
            .AddSingleton<ISchedules, Schedules>()
            .AddScoped(scope => new ScheduleConsumer(
                scope.GetRequiredService<IScheduleStore>(), scope.GetRequiredService<AlarmClock>(),
                scope.GetRequiredService<TimeProvider>()))
            .AddHealthChecks()
            .AddCheck<SchedulesCheck>(SchedulesCheck.Name, tags: [HealthTags.Ready, HealthTags.Tolerated, HealthTags.Alerted]);
    }

    // After the bus: what is due is sent at once.
    static void AddService(IServiceCollection services) => services.AddHostedService<SchedulerService>();
}
