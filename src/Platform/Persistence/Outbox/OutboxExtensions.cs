using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MaestroBus.Persistence;

/// <summary>Adds the outbox and the inbox to a bus and its endpoints.</summary>
public static class OutboxExtensions
{
    /// <summary>Lets endpoints handle messages in a context's transaction (<see cref="UseEntityFrameworkOutbox{TDbContext}"/>), and a scope publish with it.</summary>
    public static void AddEntityFrameworkOutbox<TDbContext>(
        this IBusRegistrationConfigurator bus, Action<IEntityFrameworkOutboxConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        var scopes = bus.AddOutbox<TDbContext>();
        configure?.Invoke(new OutboxConfigurator<TDbContext>(scopes));
    }

    /// <summary>
    /// Handles each of an endpoint's messages in one transaction with its effects and what is sent because of it, once. Retries and redeliveries of the endpoint lie
    /// outside: each attempt begins with a new scope and a new transaction.
    /// </summary>
    public static void UseEntityFrameworkOutbox<TDbContext>(
        this IReceiveEndpointConfigurator endpoint, IRegistrationContext context, Action<IOutboxOptionsConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        var observer = new OutboxConsumePipeSpecificationObserver<TDbContext>(endpoint, context);
        configure?.Invoke(observer);
        endpoint.ConnectConsumerConfigurationObserver(observer);
        endpoint.ConnectSagaConfigurationObserver(observer);
        endpoint.ConnectActivityConfigurationObserver(observer);
    }

    internal static OutboxScopes AddOutbox<TDbContext>(this IBusRegistrationConfigurator bus)
        where TDbContext : DbContext
    {
        if (bus.All(service => service.ServiceType != typeof(OutboxBusContext<TDbContext>)))
        {
            bus.AddScoped<OutboxBusContext<TDbContext>>();
            bus.AddScoped<IOutbox<TDbContext>, Outbox<TDbContext>>();
            bus.AddScoped<IOutboxContextFactory<TDbContext>, InboxContextFactory<TDbContext>>();
            bus.ConfigureDbContext<TDbContext>((services, options) => options
                .AddInterceptors(services.GetRequiredService<OutboxInterceptor>())
                .ReplaceService<IBatchExecutor, OutboxBatchExecutor>());
        }

        return bus.AddOutbox();
    }

    /// <summary>Adds what sends the messages in the outbox, whoever writes them.</summary>
    internal static OutboxScopes AddOutbox(this IBusRegistrationConfigurator bus)
    {
        if (bus.FirstOrDefault(service => service.ServiceType == typeof(OutboxScopes))?.ImplementationInstance is OutboxScopes known)
            return known;

        var scopes = new OutboxScopes();
        bus.TryAddSingleton(TimeProvider.System);
        bus.TryAddSingleton<DatabaseSettings>();
        bus.TryAddSingleton<Outages>();
        bus.TryAddSingleton<DatabaseOutage>();
        bus.AddSingleton(scopes);
        bus.AddSingleton<OutboxSignals>();
        bus.AddSingleton<OutboxBuffers>();
        bus.AddSingleton<OutboxInterceptor>();
        bus.AddSingleton<OutboxSender>();
        bus.AddSingleton<OutboxRefusals>();
        bus.AddSingleton<OutboxMetrics>();
        bus.AddSingleton<OutboxCondition>();
        bus.AddSingleton<IOutboxStore>(services => services.GetRequiredService<BusDatabase>() is { DataSource: { } source } database
            ? new PostgresOutboxStore(source, prepares: !database.HasSharedSessions)
            : new SqliteOutboxStore(services.GetRequiredService<BusDatabase>()));
        bus.AddSingleton<IOutboxNotifications>(services =>
        {
            var database = services.GetRequiredService<BusDatabase>();
            return database is { DataSource: { } source, HasSharedSessions: false }
                ? ActivatorUtilities.CreateInstance<PostgresNotifications>(services, source)
                : new NoNotifications();
        });
        bus.AddMetrics();
        bus.AddHttpContextAccessor();
        bus.AddHostedService<OutboxDelivery>();
        bus.AddHostedService<OutboxHousekeeping>();
        bus.Replace(ServiceDescriptor.Scoped<IScopedBusContextProvider<IBus>, OutboxBusContextProvider>());
        return scopes;
    }
}
