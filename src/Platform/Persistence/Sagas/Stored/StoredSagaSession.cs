using System.Data;
using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The instances of a saga that one message loads and changes: in the transaction of the message's inbox, or else in one of its own. What
/// is changed is written at the end, unless another message was faster. PostgreSQL locks an instance when it is loaded. SQLite does not,
/// and its transaction begins with the writing; messages of this process take turns.
/// </summary>
sealed class StoredSagaSession<TSaga>(
    BusDatabase database, SagaTurns turns, InboxEntry? inbox, bool isAgain, CancellationToken cancellationToken) : IAsyncDisposable
    where TSaga : class, ISaga
{
    static readonly string Type = TypeCache<TSaga>.ShortName;

    readonly StoredSagaStatements _statements = StoredSagaStatements.For(database.Provider);
    readonly Dictionary<Guid, long> _versions = [];
    readonly Dictionary<Guid, string?> _changes = [];
    readonly List<IDisposable> _turns = [];
    DbConnection? _connection;
    DbTransaction? _transaction;

    bool IsSqlite => database.DataSource is null;

    /// <summary>Opens the connection, with its transaction where that holds up nothing else.</summary>
    public async Task Open()
    {
        if (inbox is not null)
            return;

        _connection = await database.Open(cancellationToken);
        if (!IsSqlite)
            _transaction = await _connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
    }

    /// <summary>Loads an instance and keeps other messages from it. Returns null if it does not exist.</summary>
    public async Task<TSaga?> Load(Guid id)
    {
        await TakeTurn(id);
        var found = await Take(id);
        if (found is null && _statements.Lock is { } wait)
        {
            // A row that does not exist cannot be locked: each message that may begin the instance takes this lock.
            await DatabaseCommands.Execute(Connection, Transaction, wait, cancellationToken, ("key", $"{Type} {id}"));
            found = await Take(id);
        }

        _versions[id] = found?.Version ?? 0;
        return found?.Saga;
    }

    /// <summary>Loads the instances that a query finds, in the order of their ids, so that no two messages wait for each other.</summary>
    /// <exception cref="NotSupportedException">The query cannot be translated.</exception>
    public async Task<List<TSaga>> Load(ISagaQuery<TSaga> query)
    {
        var search = StoredSagaSearch.Of(query, database.Provider);
        var candidates = await Search(Connection, Transaction, _statements, search, cancellationToken);

        List<TSaga> found = [];
        foreach (var candidate in candidates.OrderBy(candidate => candidate.CorrelationId))
        {
            if (await Load(candidate.CorrelationId) is { } saga && search.Matches(saga))
                found.Add(saga);
        }

        return found;
    }

    /// <summary>Writes an instance at the end. One that was not loaded must not exist.</summary>
    public void Write(TSaga saga) => _changes[saga.CorrelationId] = StoredSagaJson.Write(saga);

    /// <summary>Deletes an instance at the end.</summary>
    public void Delete(TSaga saga) => _changes[saga.CorrelationId] = null;

    /// <summary>Writes what has changed, and commits it unless the inbox does.</summary>
    /// <exception cref="ConcurrencyException">Another message has changed an instance at the same time.</exception>
    public async Task Complete()
    {
        if (_changes.Count > 0 && inbox is not null)
        {
            await inbox.Enter(cancellationToken);
            await WriteTo(inbox.Connection, inbox.Transaction);
        }
        else if (_changes.Count > 0 && IsSqlite)
            await database.Write(WriteTo, cancellationToken);
        else if (_transaction is not null)
        {
            await WriteTo(_connection!, _transaction);
            await _transaction.CommitAsync(CancellationToken.None);
        }
    }

    /// <summary>Rolls back what is not committed, and lets other messages to the instances unless the inbox does.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null)
                await _transaction.DisposeAsync();
            if (_connection is not null)
                await _connection.DisposeAsync();
        }
        finally
        {
            _turns.ForEach(turn => turn.Dispose());
        }
    }

    /// <summary>Reads an instance as it was committed last.</summary>
    public static async Task<TSaga?> Read(
        DbConnection connection, StoredSagaStatements statements, Guid id, CancellationToken cancellationToken) =>
        await One(connection, null, statements.Read, id, cancellationToken) is (var saga, _) ? saga : null;

    /// <summary>Reads the instances that a search finds, as they were committed last.</summary>
    public static async Task<List<TSaga>> Search(
        DbConnection connection, DbTransaction? transaction, StoredSagaStatements statements, StoredSagaSearch<TSaga> search,
        CancellationToken cancellationToken)
    {
        await using var command = DatabaseCommands.Command(
            connection, transaction, statements.Search + search.Condition, [("type", Type), .. search.Parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        List<TSaga> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (StoredSagaJson.Read<TSaga>(reader.GetGuid(0), reader.GetString(2)) is var saga && search.Matches(saga))
                found.Add(saga);
        }

        return found;
    }

    DbConnection Connection => inbox?.Connection ?? _connection!;

    DbTransaction? Transaction => inbox is null ? _transaction : inbox.Transaction;

    Task<(TSaga Saga, long Version)?> Take(Guid id) => One(Connection, Transaction, _statements.Take, id, cancellationToken);

    static async Task<(TSaga Saga, long Version)?> One(
        DbConnection connection, DbTransaction? transaction, string statement, Guid id, CancellationToken cancellationToken)
    {
        await using var command = DatabaseCommands.Command(connection, transaction, statement, ("type", Type), ("id", id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (StoredSagaJson.Read<TSaga>(id, reader.GetString(2)), reader.GetInt64(1))
            : null;
    }

    // Whoever writes the file already must not wait for one that waits to write it; there the version decides.
    async Task TakeTurn(Guid id)
    {
        if (!IsSqlite || inbox?.Transaction is not null || _versions.ContainsKey(id))
            return;

        var turn = await turns.Enter(Type, id, cancellationToken);
        if (inbox is null)
            _turns.Add(turn);
        else
        {
            inbox.Keep(turn);

            // A message that met a conflict, with another process, holds off the others and wins this time.
            if (isAgain)
                await inbox.Enter(cancellationToken);
        }
    }

    async Task<int> WriteTo(DbConnection connection, DbTransaction? transaction)
    {
        foreach (var (id, data) in _changes.OrderBy(change => change.Key))
        {
            var version = _versions.GetValueOrDefault(id);
            if (version == 0 && data is null)
                continue;

            var statement = version == 0 ? _statements.Insert : data is null ? _statements.Delete : _statements.Update;
            var written = await DatabaseCommands.Execute(
                connection, transaction, statement, cancellationToken, ("type", Type), ("id", id), ("version", version), ("data", data));
            if (written == 0)
                throw new ConcurrencyException(
                    $"Another message has {(version == 0 ? "begun" : "changed")} the saga at the same time.", typeof(TSaga), id);
        }

        return _changes.Count;
    }
}
