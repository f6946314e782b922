using Microsoft.Extensions.Configuration;

namespace Maestro.Bus.Scheduling;

/// <summary>Runs the scheduler of a plain bus, and says if it keeps nothing.</summary>
sealed partial class PlainSchedulerService(IServiceProvider services, SchedulingSettings settings, ILogger<PlainSchedulerService> logger)
    : IHostedService
{
    readonly SchedulerService _scheduler = ActivatorUtilities.CreateInstance<SchedulerService>(services);

    /// <summary>Reads <c>Bus:Scheduling</c>, if the host has a configuration. A bus without a database keeps schedules in memory.</summary>
    public static SchedulingSettings Settings(IServiceProvider services)
    {
        var settings = new SchedulingSettings();
        if (services.GetService<IConfiguration>() is { } configuration)
        {
            var bus = new BusBuilder(new ServiceCollection(), configuration);
            bus.ReadSettings(SchedulingSettings.Section, settings);
            bus.Problems.ThrowIfAny();
        }

        if (services.GetService<BusDatabase>() is null)
            settings.Store = ScheduleStoreKind.Memory;
        return settings;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Store == ScheduleStoreKind.Memory)
            LogInMemory();
        return _scheduler.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _scheduler.StopAsync(cancellationToken);
        _scheduler.Dispose();
    }

    [LoggerMessage(
        10, LogLevel.Warning,
        "Schedules and scheduled messages are kept in memory and are gone when this process ends. Call "
        + "AddEntityFrameworkOutbox<TDbContext>, and they are kept in that context's database")]
    partial void LogInMemory();
}
