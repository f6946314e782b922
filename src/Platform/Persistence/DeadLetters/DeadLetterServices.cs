using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>Registers the store of the dead letters and what works on it.</summary>
static class DeadLetterServices
{
    public static void Add(BusBuilder bus)
    {
        bus.Services.TryAddSingleton<DeadLetterDatabase>();
        bus.Services.TryAddSingleton<DeadLetterListeners>();
        bus.Services.TryAddSingleton<IDeadLetterStore, DeadLetterStore>();
        bus.Services.TryAddSingleton<IDeadLetterIntake>(services => services.GetRequiredService<IDeadLetterStore>());
        bus.Services.TryAddSingleton<IDeadLetterAlerts, DeadLetterAlerts>();
        bus.Services.TryAddSingleton<DeadLetterMoves>();
        bus.Services.TryAddSingleton<DeadLetterRetrySignals>();
        bus.Services.TryAddSingleton<DeadLetterDeliveries>();
        bus.Services.TryAddSingleton<IDeadLetterOperations, DeadLetterOperations>();
        bus.Complete(AddWorkers);
    }

    // A test harness has the database, but no transport whose dead letters there would be.
    static void AddWorkers(IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(BusTransport)))
            return;

        services.AddSingleton<DeadLetterWriter>();
        services.AddHostedService<DeadLetterCollector>();
        services.AddHostedService<DeadLetterWorker>();
        services.AddHostedService<DeadLetterHousekeeping>();
    }
}
