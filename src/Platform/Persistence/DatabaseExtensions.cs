using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MaestroBus.Persistence;

/// <summary>Gives a domain a database.</summary>
public static class DatabaseExtensions
{
    // A second in all: what is left after that is no conflict, and is delivered again later.
    static readonly TimeSpan[] ConflictIntervals = [.. new[] { 5, 20, 50, 100, 200, 300, 325 }.Select(interval => TimeSpan.FromMilliseconds(interval))];

    /// <summary>
    /// Registers a domain's context, scoped, on the database that <c>Bus:Database</c> names, and its migrations. The sagas that the context has a
    /// <see cref="DbSet{TEntity}"/> of are kept in it. The messages of the domain's queue are handled once, each in one transaction with what it sends, and what the domain's
    /// HTTP endpoints publish is sent with the context's commit.
    /// </summary>
    /// <param name="bus">The domain's builder.</param>
    /// <param name="sagas">Configures the repositories of those sagas.</param>
    public static void AddDatabase<TDbContext>(this BusBuilder bus, Action<IEntityFrameworkSagaRepositoryConfigurator>? sagas = null)
        where TDbContext : DbContext
    {
        AddDatabase(bus);
        bus.Services.AddSingleton(new MigrationSource(typeof(TDbContext)));
        bus.Services.AddDbContext<TDbContext>(
            (services, options) => services.GetRequiredService<BusDatabase>().Use(options), ServiceLifetime.Scoped, ServiceLifetime.Singleton);

        bus.Complete(OutboxSchedulers.Wrap);

        var domain = bus.Domain;
        bus.ConfigureBus(configurator =>
        {
            var outbox = configurator.AddOutbox<TDbContext>();
            foreach (var saga in SagasOf(typeof(TDbContext)))
                AddSagaMethod.MakeGenericMethod(typeof(TDbContext), saga).Invoke(null, [configurator, sagas]);

            if (domain is null)
                return;

            outbox.UseForDomain<TDbContext>(domain);
            configurator.AddConfigureEndpointsCallback((context, queue, endpoint) =>
            {
                if (queue != domain.Queue)
                    return;

                // Outside of everything that has a scope, so that the message meets a new context when it is tried again.
                endpoint.UseMessageRetry(retry => retry.Intervals(ConflictIntervals).Handle<Exception>(Conflict.IsConflict));
                endpoint.UseEntityFrameworkOutbox<TDbContext>(context);
            });
        });
    }

    static void AddDatabase(BusBuilder bus)
    {
        bus.AddSettings<DatabaseSettings>(DatabaseSettings.Section);

        if (bus.Services.Any(service => service.ServiceType == typeof(BusDatabase)))
            return;

        bus.Services.TryAddSingleton(TimeProvider.System);
        bus.Services
            .AddSingleton(services => new BusDatabase(
                services.GetRequiredService<DatabaseSettings>(),
                services.GetService<IHostEnvironment>()?.ContentRootPath ?? Directory.GetCurrentDirectory()))
            .AddSingleton<DatabaseMigrator>()
            .AddSingleton<IBusCommand, MigrateCommand>()
            .AddHostedService<DatabaseStart>();
    }

    static IEnumerable<Type> SagasOf(Type context) =>
        context.GetProperties()
            .Where(property => property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(DbSet<>))
            .Select(property => property.PropertyType.GenericTypeArguments[0])
            .Where(entity => entity.IsAssignableTo(typeof(ISaga)));

    static readonly MethodInfo AddSagaMethod = typeof(DatabaseExtensions).GetMethod(nameof(AddSaga), BindingFlags.NonPublic | BindingFlags.Static)!;

    static void AddSaga<TDbContext, TSaga>(IBusRegistrationConfigurator configurator, Action<IEntityFrameworkSagaRepositoryConfigurator>? configure)
        where TDbContext : DbContext
        where TSaga : class, ISaga =>
        configurator.AddSagaRepository<TSaga>().EntityFrameworkRepository(repository =>
        {
            repository.ExistingDbContext<TDbContext>();
            configure?.Invoke(repository);
        });
}
