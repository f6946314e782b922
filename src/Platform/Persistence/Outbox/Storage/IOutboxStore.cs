using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>The outbox's and inbox's tables in one kind of database. Each method is one statement or one short transaction.</summary>
interface IOutboxStore
{
    /// <summary>Writes messages within a transaction, in their order.</summary>
    Task Insert(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<WaitingMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Has a command that saves something else write messages, too, in the same round trip; <c>false</c> where the database gains nothing
    /// by it.
    /// </summary>
    bool TryAppend(DbCommand command, IReadOnlyList<WaitingMessage> messages);

    /// <summary>
    /// Gets whether the database has one writer at a time, so that a transaction must be short. Otherwise it locks rows only.
    /// </summary>
    bool HasOneWriter { get; }

    /// <summary>Prepares an open connection for the transaction that a message is handled in, before it begins.</summary>
    Task Prepare(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Leaves a prepared connection as it was, after the transaction: others may use it next.</summary>
    Task Restore(DbConnection connection) => Task.CompletedTask;

    /// <summary>
    /// Completes when what was committed on prepared connections outlives a loss of power. Nobody must be told of it before.
    /// </summary>
    Task Flush() => Task.CompletedTask;

    /// <summary>Tells whether a consumer has handled a message in a transaction that is committed.</summary>
    Task<bool> IsHandled(DbConnection connection, Guid messageId, Guid consumerId, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that a consumer handles a message, within the transaction of its effects; <c>false</c> if it has handled it before. While
    /// another transaction handles the same message, this one waits for its end.
    /// </summary>
    Task<bool> TryEnter(
        DbConnection connection, DbTransaction transaction, Guid messageId, Guid consumerId, CancellationToken cancellationToken);

    /// <summary>
    /// The first messages of each partition that are not in hand, in order. Always from the beginning: a transaction may commit after
    /// others that have taken higher numbers, and what follows it in the order of commits must not be read without it.
    /// </summary>
    Task<List<WaitingMessage>> Read(IReadOnlyList<short> partitions, long[] inHand, int limit, CancellationToken cancellationToken);

    /// <summary>The first messages that are parked for a destination, in order.</summary>
    Task<List<WaitingMessage>> ReadParked(
        IReadOnlyList<short> partitions, string destination, int limit, CancellationToken cancellationToken);

    /// <summary>The destinations that have parked messages which may still be sent.</summary>
    Task<List<string>> ReadParkedDestinations(IReadOnlyList<short> partitions, CancellationToken cancellationToken);

    /// <summary>Whether a message waits still, and has not been given up.</summary>
    Task<bool> Holds(WaitingMessage message, CancellationToken cancellationToken);

    /// <summary>How many messages wait for a destination, those given up not counted, within a transaction.</summary>
    Task<long> CountFor(DbConnection connection, DbTransaction transaction, string destination, CancellationToken cancellationToken);

    /// <summary>Removes messages that were sent, and parks others.</summary>
    Task Settle(Settled settled, CancellationToken cancellationToken);

    /// <summary>Forgets up to <paramref name="limit"/> of the messages that were handled longer ago than the window.</summary>
    Task<int> ForgetHandled(TimeSpan window, int limit, CancellationToken cancellationToken);

    /// <summary>How many messages wait, and since when.</summary>
    Task<OutboxBacklog> Measure(CancellationToken cancellationToken);
}

/// <summary>How many messages wait, how many of them are parked or given up, and when the oldest was written.</summary>
sealed record OutboxBacklog(long Waiting, long Parked, long GivenUp, DateTimeOffset? Oldest);
