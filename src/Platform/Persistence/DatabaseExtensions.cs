using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>Gives a domain a database.</summary>
public static class DatabaseExtensions
{
    // A second in all: what is left after that is no conflict, and is delivered again later.
    static readonly TimeSpan[] ConflictIntervals =
        [.. new[] { 5, 20, 50, 100, 200, 300, 325 }.Select(interval => TimeSpan.FromMilliseconds(interval))];

    const int PoolSize = 1_024;

    /// <summary>
    /// Registers a domain's context, scoped, on the database that <c>Bus:Database</c> names, and its migrations. The sagas that the context
    /// has a <see cref="DbSet{TEntity}"/> of are kept in it. The messages of the domain's queue are handled once, each in one transaction
    /// with what it sends, and what the domain's HTTP endpoints publish is sent with the context's commit. A context that takes nothing but
    /// its options and has no state of its own is pooled.
    /// </summary>
    /// <param name="bus">The domain's builder.</param>
    /// <param name="sagas">Configures the repositories of those sagas.</param>
    public static void AddDatabase<TDbContext>(this BusBuilder bus, Action<IEntityFrameworkSagaRepositoryConfigurator>? sagas = null)
        where TDbContext : DbContext
    {
        bus.AddDatabase();
        bus.Services.AddSingleton(new MigrationSource(typeof(TDbContext)));

        if (IsPoolable(typeof(TDbContext)))
            bus.Services.AddDbContextPool<TDbContext>(Use, PoolSize);
        else
            bus.Services.AddDbContext<TDbContext>(Use, ServiceLifetime.Scoped, ServiceLifetime.Singleton);

        bus.Complete(OutboxSchedulers.Wrap);

        var domain = bus.Domain;
        bus.ConfigureBus(configurator =>
        {
            var outbox = configurator.AddOutbox<TDbContext>(isOfBus: true);
            foreach (var saga in SagasOf(typeof(TDbContext)))
                AddSagaMethod.MakeGenericMethod(typeof(TDbContext), saga).Invoke(null, [configurator, sagas]);

            if (domain is not null)
                outbox.UseForDomain<TDbContext>(domain);
        });

        if (domain is null)
            return;

        bus.Services.Select(service => service.ImplementationInstance).OfType<ConflictQueues>().Single().Names.Add(domain.Queue);
        bus.ConfigureEndpoints(domain, (context, endpoint) =>
        {
            RetryConflicts(endpoint);
            endpoint.UseEntityFrameworkOutbox<TDbContext>(context);
        });
    }

    // Outside of everything that has a scope, so that the message meets a new context when it is tried again.
    static void RetryConflicts(IReceiveEndpointConfigurator endpoint) =>
        endpoint.UseMessageRetry(retry => retry.Intervals(ConflictIntervals).Handle<Exception>(Conflict.IsConflict));

    static void Use(IServiceProvider services, DbContextOptionsBuilder options) => services.GetRequiredService<BusDatabase>().Use(options);

    // Making a context anew for each message costs as much as what it then does. One that keeps something of its own, or takes more than
    // its options, must not be used again.
    static bool IsPoolable(Type context) =>
        context.GetConstructors() is [var constructor]
        && constructor.GetParameters() is [{ ParameterType: var parameter }] && parameter.IsAssignableTo(typeof(DbContextOptions))
        && Lineage(context).SelectMany(type =>
            type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .All(field => field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(DbSet<>));

    static IEnumerable<Type> Lineage(Type context)
    {
        for (var type = context; type != typeof(DbContext); type = type.BaseType!)
            yield return type;
    }

    /// <summary>
    /// Registers the database that <c>Bus:Database</c> names, with the platform's own tables; for what keeps its state there without a
    /// context.
    /// </summary>
    public static void AddDatabase(this BusBuilder bus)
    {
        var settings = bus.AddSettings<DatabaseSettings>(DatabaseSettings.Section);
        var data = bus.AddSettings<DataSettings>("Data");

        if (bus.Services.Any(service => service.ServiceType == typeof(BusDatabase)))
            return;

        var tls = settings.Provider == DatabaseProvider.PostgreSql
            ? bus.AddTls($"{DatabaseSettings.Section}:{nameof(settings.Tls)}", settings.Tls)
            : null;

        if (settings.Provider == DatabaseProvider.PostgreSql && tls is null
            && ConnectionStringTls.PlainHosts(settings.ConnectionString) is { } hosts)
            bus.NotePlainPassword("PostgreSQL", hosts, "Set Bus:Database:Tls:Enabled to true");

        bus.Services.TryAddSingleton(TimeProvider.System);
        bus.Services.TryAddSingleton<SteadyClock>();
        bus.Services.TryAddSingleton<Outages>();
        bus.Services.TryAddSingleton<DatabaseOutage>();
        bus.Services
            .AddSingleton(new DatabaseReading(changed => bus.ReadSettings(DatabaseSettings.Section, changed)))
            .AddSingleton(services => new BusDatabase(
                settings, new DataFolder(data, services).Database(settings.Path, "state.db", "Bus:Database:Path"), tls))
            .AddSingleton<DatabaseMigrator>()
            .AddSingleton<IStateIdentity, DatabaseIdentity>()
            .AddSingleton<IProbeLeases, ProbeLeases>()
            .AddSingleton<DatabaseIdempotencyStore>()
            .AddSingleton<IIdempotencyStore>(services => services.GetRequiredService<DatabaseIdempotencyStore>())
            .AddSingleton<IBusCommand, MigrateCommand>()
            .AddExceptionHandler<DatabaseAwayHandler>()
            .AddHostedService<DatabaseStart>()
            .AddSingleton<DeathDatabase>()
            .AddSingleton<DeathRecords>()
            .AddSingleton<IDeathRecords>(services => services.GetRequiredService<DeathRecords>())
            .AddHostedService(services => services.GetRequiredService<DeathRecords>())
            .AddHealthChecks()
            .AddCheck<DatabaseHealthCheck>(DatabaseHealthCheck.Name, tags: [HealthTags.Ready]);
        SharedReporter.Add(bus.Services);
        StoredSagas.Add(bus.Services);
        bus.ConfigureBus(StoredSagas.UseFor);

        var withInbox = new ConflictQueues();
        bus.Services.AddSingleton(withInbox);
        bus.ConfigureBus(configurator => configurator.AddConfigureEndpointsCallback((_, queue, endpoint) =>
        {
            if (!withInbox.Names.Contains(queue))
                RetryConflicts(endpoint);
        }));
        DeadLetterServices.Add(bus);
    }

    static IEnumerable<Type> SagasOf(Type context) =>
        context.GetProperties()
            .Where(property => property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(DbSet<>))
            .Select(property => property.PropertyType.GenericTypeArguments[0])
            .Where(entity => entity.IsAssignableTo(typeof(ISaga)));

    static readonly MethodInfo AddSagaMethod = typeof(DatabaseExtensions).GetMethod(
        nameof(AddSaga), BindingFlags.NonPublic | BindingFlags.Static)!;

    static void AddSaga<TDbContext, TSaga>(
        IBusRegistrationConfigurator configurator, Action<IEntityFrameworkSagaRepositoryConfigurator>? configure)
        where TDbContext : DbContext
        where TSaga : class, ISaga =>
        configurator.AddSagaRepository<TSaga>().EntityFrameworkRepository(repository =>
        {
            repository.ExistingDbContext<TDbContext>();
            configure?.Invoke(repository);
        });
}

/// <summary>The queues that try their conflicts again around an inbox.</summary>
sealed class ConflictQueues
{
    public HashSet<string> Names { get; } = [];
}
