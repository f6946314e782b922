using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>Adds the outbox and the inbox to a bus and its endpoints.</summary>
public static class OutboxExtensions
{
    /// <summary>
    /// Lets endpoints handle messages in a context's transaction (<see cref="UseEntityFrameworkOutbox{TDbContext}"/>), and a scope publish
    /// with it. In a host whose domains have a database, the context is on it. On a plain bus, one that was added with
    /// <c>AddMassTransit</c>, the database is the context's own; the outbox's tables are made beside the context's.
    /// </summary>
    public static void AddEntityFrameworkOutbox<TDbContext>(
        this IBusRegistrationConfigurator bus, Action<IEntityFrameworkOutboxConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        PlainDatabase.TryAdd<TDbContext>(bus);
        var configurator = new OutboxConfigurator<TDbContext>(bus.AddOutbox<TDbContext>(isOfBus: false));
        configure?.Invoke(configurator);
        configurator.Apply(bus);
        bus.AddSingleton(new InboxIsolation<TDbContext>(configurator.IsolationLevel));
    }

    /// <summary>Says that the database is PostgreSQL. It need not be said: the context's own provider tells.</summary>
    public static IEntityFrameworkOutboxConfigurator UsePostgres(this IEntityFrameworkOutboxConfigurator configurator) => configurator;

    /// <summary>Says that the database is PostgreSQL. It need not be said: the context's own provider tells.</summary>
    /// <param name="configurator">The outbox.</param>
    /// <param name="enableSchemaCaching">Has no effect: names are always those of the context's model.</param>
    public static IEntityFrameworkOutboxConfigurator UsePostgres(
        this IEntityFrameworkOutboxConfigurator configurator, bool enableSchemaCaching) => configurator;

    /// <summary>Says that the database is SQLite. It need not be said: the context's own provider tells.</summary>
    public static IEntityFrameworkOutboxConfigurator UseSqlite(this IEntityFrameworkOutboxConfigurator configurator) => configurator;

    /// <summary>Says that the database is SQLite. It need not be said: the context's own provider tells.</summary>
    /// <param name="configurator">The outbox.</param>
    /// <param name="enableSchemaCaching">Has no effect: names are always those of the context's model.</param>
    public static IEntityFrameworkOutboxConfigurator UseSqlite(
        this IEntityFrameworkOutboxConfigurator configurator, bool enableSchemaCaching) => configurator;

    /// <summary>
    /// Handles each of an endpoint's messages in one transaction with its effects and what is sent because of it, once. Retries and
    /// redeliveries of the endpoint lie outside: each attempt begins with a new scope and a new transaction.
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

    /// <summary>Adds what sends and receives with a context.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="isOfBus">Whether the bus has registered the context, on its own database.</param>
    internal static OutboxScopes AddOutbox<TDbContext>(this IBusRegistrationConfigurator bus, bool isOfBus)
        where TDbContext : DbContext
    {
        if (bus.All(service => service.ServiceType != typeof(OutboxBusContext<TDbContext>)))
        {
            bus.AddScoped<OutboxBusContext<TDbContext>>();
            bus.AddScoped<IOutbox<TDbContext>, Outbox<TDbContext>>();
            bus.AddScoped<IOutboxContextFactory<TDbContext>, InboxContextFactory<TDbContext>>();
            bus.AddSingleton<IDbContextOptionsConfiguration<TDbContext>>(new OutboxOptions<TDbContext>(isOfBus));
            if (!isOfBus)
                bus.AddSingleton(new OutboxContext(ContextDatabase.Of<TDbContext>));
            bus.AddHostedService<OutboxTakeover<TDbContext>>();
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
        bus.TryAddSingleton<SteadyClock>();
        bus.AddSingleton(scopes);
        bus.AddSingleton<OutboxSignals>();
        bus.AddSingleton<OutboxBuffers>();
        bus.AddSingleton<OutboxInterceptor>();
        bus.AddSingleton<OutboxSender>();
        bus.AddSingleton<OutboxRefusals>();
        bus.AddSingleton<OutboxMetrics>();
        SharedReporter.Add(bus);
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
