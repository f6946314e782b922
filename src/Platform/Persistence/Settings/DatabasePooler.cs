namespace Maestro.Bus.Persistence;

/// <summary>What stands between the bus and a PostgreSQL server.</summary>
public enum DatabasePooler
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// A pooler that may give a session away after each transaction, such as PgBouncer with <c>pool_mode = transaction</c>: the bus
    /// prepares no statements and locks nothing beyond a transaction, and hosts find each other's messages by polling.
    /// </summary>
    Transaction,
}
