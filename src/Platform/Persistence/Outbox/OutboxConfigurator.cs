using System.Data;

namespace Maestro.Bus.Persistence;

/// <summary>Collects what code says of an outbox.</summary>
sealed class OutboxConfigurator<TDbContext>(OutboxScopes scopes) : IEntityFrameworkOutboxConfigurator, IEntityFrameworkBusOutboxConfigurator
    where TDbContext : DbContext
{
    readonly List<Action<DatabaseSettings>> _changes = [];
    TimeSpan _sendTimeout = new OutboxSettings().SendTimeout;

    public TimeSpan DuplicateDetectionWindow
    {
        set => _changes.Add(settings => settings.Inbox.Window = value);
    }

    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadCommitted;

    public ILockStatementProvider LockStatementProvider
    {
        set
        {
            if (value is not (PostgresLockStatementProvider or SqliteLockStatementProvider))
                throw new ConfigurationException(
                    $"AddEntityFrameworkOutbox<{typeof(TDbContext).Name}>: LockStatementProvider is {value?.GetType().Name ?? "null"}. The "
                    + "outbox locks its rows with statements of its own, on PostgreSQL and SQLite. Leave it out.");
        }
    }

    public TimeSpan QueryDelay
    {
        set => _changes.Add(settings => settings.Outbox.PollInterval = value);
    }

    public int QueryMessageLimit
    {
        set => _changes.Add(settings => settings.Outbox.Window = value);
    }

    public TimeSpan QueryTimeout
    {
        set => _changes.Add(settings => settings.Outbox.QueryTimeout = value);
    }

    public int MessageDeliveryLimit
    {
        set => _changes.Add(settings => settings.Outbox.Concurrency = value);
    }

    public TimeSpan MessageDeliveryTimeout
    {
        get => _sendTimeout;
        set
        {
            _sendTimeout = value;
            _changes.Add(settings => settings.Outbox.SendTimeout = value);
        }
    }

    public void DisableInboxCleanupService() => _changes.Add(settings => settings.Inbox.Cleanup = false);

    public void DisableDeliveryService() => _changes.Add(settings => settings.Outbox.Deliver = false);

    public void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null)
    {
        scopes.UseForAll<TDbContext>();
        configure?.Invoke(this);
    }

    /// <summary>Changes the settings, as far as the host's configuration does not say otherwise.</summary>
    public void Apply(IServiceCollection services)
    {
        if (Instance<DatabaseReading>(services) is { } reading && Instance<DatabaseSettings>(services) is { } settings)
        {
            _changes.ForEach(change => change(settings));
            reading.Again(settings);
        }
        else
            _changes.ForEach(change => services.AddSingleton(new DatabaseChange(change)));
    }

    static T? Instance<T>(IServiceCollection services)
        where T : class =>
        services.FirstOrDefault(service => service.ServiceType == typeof(T))?.ImplementationInstance as T;
}
