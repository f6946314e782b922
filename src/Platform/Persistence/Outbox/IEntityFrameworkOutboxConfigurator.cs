using System.Data;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Configures the outbox and the inbox of a context. What the host's configuration has under <c>Bus:Database</c> goes before what is set
/// here.
/// </summary>
public interface IEntityFrameworkOutboxConfigurator : ITransactionalOutboxConfigurator
{
    /// <summary>How long a handled message is remembered: <c>Bus:Database:Inbox:Window</c>.</summary>
    /// <value>The default is 24 hours.</value>
    TimeSpan DuplicateDetectionWindow { set; }

    /// <summary>The isolation of the transaction that a message is handled in. SQLite's is always serializable.</summary>
    /// <value>The default is <see cref="IsolationLevel.ReadCommitted"/>.</value>
    IsolationLevel IsolationLevel { set; }

    /// <summary>
    /// Says which database it is. It need not be said: the context's own provider tells, and the statements are the bus's.
    /// </summary>
    /// <exception cref="ConfigurationException">It is neither PostgreSQL's nor SQLite's.</exception>
    ILockStatementProvider LockStatementProvider { set; }

    /// <summary>How often it is looked for messages that no signal has announced: <c>Bus:Database:Outbox:PollInterval</c>.</summary>
    /// <value>The default is 2 seconds.</value>
    TimeSpan QueryDelay { set; }

    /// <summary>How many messages a dispatcher has in hand at once: <c>Bus:Database:Outbox:Window</c>.</summary>
    /// <value>The default is 2000.</value>
    int QueryMessageLimit { set; }

    /// <summary>How long a reading of the outbox may take: <c>Bus:Database:Outbox:QueryTimeout</c>.</summary>
    /// <value>The default is 30 seconds.</value>
    TimeSpan QueryTimeout { set; }

    /// <summary>Leaves it to other hosts to forget handled messages: <c>Bus:Database:Inbox:Cleanup</c>.</summary>
    void DisableInboxCleanupService();

    /// <summary>Has every scope of the bus that does not consume a message publish and send with this context's next commit.</summary>
    void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null);
}

/// <summary>Configures how the messages of the outbox are sent.</summary>
public interface IEntityFrameworkBusOutboxConfigurator : IBusOutboxConfigurator
{
    /// <summary>How many messages this host sends at the same time: <c>Bus:Database:Outbox:Concurrency</c>.</summary>
    /// <value>The default is 1000.</value>
    int MessageDeliveryLimit { set; }

    /// <summary>How long a send may take before it counts as failed: <c>Bus:Database:Outbox:SendTimeout</c>.</summary>
    /// <value>The default is 30 seconds.</value>
    TimeSpan MessageDeliveryTimeout { get; set; }
}
