namespace Maestro.Bus.Transports.Sqlite;

/// <summary>What the writer's transactions are about. All of it is called on the writer's thread.</summary>
interface IWriterScope
{
    /// <summary>A transaction has begun: what other processes have written is visible.</summary>
    void Begun();

    /// <summary>The transaction's operations are done: what follows from them joins the transaction.</summary>
    void Ending();

    /// <summary>The transaction is committed.</summary>
    void Committed();

    /// <summary>The transaction is undone.</summary>
    void RolledBack();

    /// <summary>Nothing is waiting to be written.</summary>
    /// <returns>How long the writer may sleep unless an operation comes.</returns>
    TimeSpan Idle();
}
