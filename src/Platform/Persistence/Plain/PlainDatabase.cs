using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Registers the database of a plain bus, one that was added with MassTransit's own <c>AddMassTransit</c>: it is that of the first context
/// which has an outbox. The host's configuration is read from <c>Bus:Database</c>, if it has any.
/// </summary>
static class PlainDatabase
{
    public static void TryAdd<TDbContext>(IBusRegistrationConfigurator services)
        where TDbContext : DbContext
    {
        if (IsIn(services))
            return;

        services.AddSingleton(provider => Settings(provider, ContextDatabase.Of<TDbContext>(provider)));
        services.AddSingleton(provider => new BusDatabase(
            provider.GetRequiredService<DatabaseSettings>(), ContextDatabase.Of<TDbContext>(provider)));
        services.TryAddSingleton<DatabaseMigrator>();
        StoredSagas.Add(services);
        services.AddHostedService<ContextDatabaseStart>();
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>(DatabaseHealthCheck.Name, tags: [HealthTags.Ready]);

        foreach (var use in services.Select(service => service.ImplementationInstance).OfType<DatabaseUse>().ToList())
            use.Register(services);
    }

    public static bool IsIn(IServiceCollection services) => services.Any(service => service.ServiceType == typeof(BusDatabase));

    static DatabaseSettings Settings(IServiceProvider services, ContextDatabase database)
    {
        var settings = new DatabaseSettings();
        foreach (var change in services.GetServices<DatabaseChange>())
            change.Apply(settings);

        if (services.GetService<IConfiguration>() is { } configuration)
        {
            var bus = new BusBuilder(new ServiceCollection(), configuration);
            bus.ReadSettings(DatabaseSettings.Section, settings);
            if (settings.ConnectionString is not null || settings.Path is not null || settings.Tls.IsSet)
                bus.Problems.Add(
                    $"Bus:{DatabaseSettings.Section} names a database, and the bus's is that of {database.Context.Name}, {database}. Leave "
                    + "Provider, ConnectionString, Path and Tls out.");
            bus.Problems.ThrowIfAny();
        }

        settings.Provider = database.Provider;
        return settings;
    }
}

/// <summary>What is registered once the bus has a database.</summary>
sealed record DatabaseUse(Action<IBusRegistrationConfigurator> Register);

/// <summary>What code has changed of the settings' defaults; the configuration is laid over it.</summary>
sealed record DatabaseChange(Action<DatabaseSettings> Apply);

/// <summary>Lays the host's configuration over settings once more, after code has changed some.</summary>
sealed record DatabaseReading(Action<DatabaseSettings> Again);
