using System.Data;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

sealed class EntityFrameworkSagaRepositoryConfigurator<TSaga> : IEntityFrameworkSagaRepositoryConfigurator<TSaga>
    where TSaga : class, ISaga
{
    Action<IServiceCollection>? _addContext;
    Func<IQueryable<TSaga>, IQueryable<TSaga>>? _customize;
    ILockStatementProvider? _statements;
    string? _schema;
    bool _isTransactionEnabled = true;

    public ConcurrencyMode ConcurrencyMode { get; set; } = ConcurrencyMode.Pessimistic;

    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadCommitted;

    public ILockStatementProvider LockStatementProvider
    {
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            // The bus's own way to lock goes by the model, and can be compiled.
            _statements = value is PostgresLockStatementProvider or SqliteLockStatementProvider ? null : value;
            _schema = (value as PostgresLockStatementProvider)?.Schema;
        }
    }

    public void AddDbContext<TContext, TImplementation>(
        Action<IServiceProvider, DbContextOptionsBuilder<TImplementation>>? optionsAction = null)
        where TContext : DbContext
        where TImplementation : DbContext, TContext =>
        _addContext = services =>
        {
            services.AddDbContext<TContext, TImplementation>((provider, options) =>
                optionsAction?.Invoke(provider, (DbContextOptionsBuilder<TImplementation>)options));
            services.TryAddScoped<ISagaDbContextFactory<TSaga>, ContainerSagaDbContextFactory<TContext, TSaga>>();
        };

    public void DatabaseFactory(Func<DbContext> databaseFactory) => DatabaseFactory(_ => databaseFactory);

    public void DatabaseFactory(Func<IServiceProvider, Func<DbContext>> databaseFactory) =>
        _addContext = services => services.TryAddScoped<ISagaDbContextFactory<TSaga>>(provider =>
            new DelegateSagaDbContextFactory<TSaga>(databaseFactory(provider)));

    public void ExistingDbContext<TContext>()
        where TContext : DbContext =>
        _addContext = services => services.TryAddScoped<ISagaDbContextFactory<TSaga>, ContainerSagaDbContextFactory<TContext, TSaga>>();

    public void SetOptimisticConcurrency(bool useTransaction = true)
    {
        ConcurrencyMode = ConcurrencyMode.Optimistic;
        _isTransactionEnabled = useTransaction;
    }

    public void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization) => _customize = queryCustomization;

    public void Register(ISagaRepositoryRegistrationConfigurator<TSaga> services)
    {
        if (_addContext is null)
            throw new BusConfigurationException(
                $"The repository of the saga {typeof(TSaga).Name} has no database. Call ExistingDbContext, AddDbContext or "
                    + "DatabaseFactory.");

        _addContext(services);

        // A row lock lasts as long as its transaction.
        var isTransactionEnabled = _isTransactionEnabled || ConcurrencyMode == ConcurrencyMode.Pessimistic;
        services.TryAddSingleton(new SagaLock<TSaga>(new SagaLockOptions<TSaga>(
            ConcurrencyMode, IsolationLevel, isTransactionEnabled, _customize, _statements, _schema)));
        services.RegisterLoadSagaRepository<TSaga, EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
        services.RegisterQuerySagaRepository<TSaga, EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
        services.RegisterSagaRepository<TSaga, DbContext, SagaConsumeContextFactory<DbContext, TSaga>,
            EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
    }
}
