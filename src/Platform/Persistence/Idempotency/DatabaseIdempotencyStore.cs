using System.Data.Common;
using static Maestro.Bus.Persistence.DatabaseCommands;

namespace Maestro.Bus.Persistence;

/// <summary>Keeps claims and results in the domains' database, for all processes that share it.</summary>
sealed class DatabaseIdempotencyStore(BusDatabase database, SteadyClock clock) : IIdempotencyStore
{
    const int BatchSize = 1000;

    readonly IdempotencyStatements _statements = IdempotencyStatements.For(database.Provider);

    public Task<ClaimAnswer> Claim(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken) => Write(
        async (connection, transaction) =>
        {
            // Whoever sends the same across a window's edge has another key: they meet at this lock.
            if (_statements.Lock is { } statement)
                await Execute(connection, transaction, statement, cancellationToken, ("message", $"{key.Scope} {key.Message}"));

            await using (var find = Command(
                connection, transaction, _statements.Find, ("scope", key.Scope), ("key", key.Text), ("before", key.Neighbours[0]),
                ("after", key.Neighbours[1]), ("lease", lease.TotalMilliseconds)))
            await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
            {
                if (await reader.ReadAsync(cancellationToken))
                    return reader.IsDBNull(0)
                        ? new ClaimAnswer(ClaimState.Busy)
                        : new ClaimAnswer(ClaimState.Done, (byte[])reader.GetValue(0));
            }

            var replaced = await Execute(connection, transaction, _statements.DeleteOver, cancellationToken,
                ("scope", key.Scope), ("key", key.Text), ("lease", lease.TotalMilliseconds));
            var claimed = await Execute(
                connection, transaction, _statements.Claim, cancellationToken, ("scope", key.Scope), ("key", key.Text), ("run", run),
                ("lease", lease.TotalMilliseconds));

            // A run whose lease was over may have come to its end while this waited to delete its claim.
            return new ClaimAnswer(claimed == 0 ? ClaimState.Busy : replaced > 0 ? ClaimState.TakenOver : ClaimState.Mine);
        },
        cancellationToken);

    public Task Renew(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken) => Write(
        (connection, transaction) => Execute(
            connection, transaction, _statements.Renew, cancellationToken, ("scope", key.Scope), ("key", key.Text), ("run", run),
            ("lease", lease.TotalMilliseconds)),
        cancellationToken);

    public Task<bool> Complete(IdempotencyKey key, Guid run, byte[] results, TimeSpan retention, CancellationToken cancellationToken) =>
        Write(
            (connection, transaction) => Complete(connection, transaction, key, run, results, retention, cancellationToken),
            cancellationToken);

    /// <summary>Keeps what came of a run in the transaction of its effects.</summary>
    /// <exception cref="PostponedException">Another run has taken the message over: this one's effects must not be committed.</exception>
    public async Task Complete(DbConnection connection, DbTransaction? transaction, IdempotentRun run, CancellationToken cancellationToken)
    {
        if (!await Complete(connection, transaction, run.Key, run.Id, run.Results, run.Retention, cancellationToken))
            throw new PostponedException("Another run has taken the message over.", TimeSpan.Zero);

        run.Completed();
    }

    public Task Release(IdempotencyKey key, Guid run, CancellationToken cancellationToken) => Write(
        (connection, transaction) =>
            Execute(connection, transaction, _statements.Release, cancellationToken, ("scope", key.Scope), ("key", key.Text), ("run", run)),
        cancellationToken);

    public async Task DeleteExpired(CancellationToken cancellationToken)
    {
        if (!await clock.IsSteady(cancellationToken))
            return;

        // Each batch is a transaction of its own, so that nobody waits long for its locks.
        while (await Write(
            (connection, transaction) => Execute(connection, transaction, _statements.DeleteExpired, cancellationToken,
                ("limit", BatchSize)), cancellationToken) == BatchSize)
            await Task.Yield();
    }

    async Task<bool> Complete(
        DbConnection connection, DbTransaction? transaction, IdempotencyKey key, Guid run, byte[] results, TimeSpan retention,
        CancellationToken cancellationToken) =>
        await Execute(
            connection, transaction, _statements.Complete, cancellationToken,
            ("scope", key.Scope), ("key", key.Text), ("run", run), ("results", results), ("retention", retention.TotalMilliseconds)) == 1;

    Task<T> Write<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        database.Write(write, cancellationToken);
}
