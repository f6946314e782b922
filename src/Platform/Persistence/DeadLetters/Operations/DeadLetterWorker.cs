using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Works on the operations, batch by batch, in turns. A batch, what it has the outbox send and how far the operation has come are one
/// transaction: a host that dies in the middle of it has done nothing of it, and another one goes on where the last batch ended.
/// </summary>
sealed partial class DeadLetterWorker(
    DeadLetterDatabase database,
    DeadLetterMoves moves,
    DeadLetterDeliveries deliveries,
    DeadLetterRetrySignals signals,
    DatabaseOutage outage,
    TimeProvider time,
    ILogger<DeadLetterWorker> logger) : BackgroundService
{
    const int BatchSize = 500;
    const long BatchBytes = 16 << 20;

    static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan ErrorPause = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    readonly string _host = NewId.NextGuid().ToString("n");
    readonly LineAMinute _skipped = new(time);

    // A lease that ends far in the future is of a clock that was ahead.
    const string IsFree = "(leased < @now OR leased > @ahead OR host = @host)";

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (!await Work(stoppingToken))
                    await signals.Work.Wait(PollInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends; what it was working on, others go on with.
        }
    }

    async Task<bool> Work(CancellationToken cancellationToken)
    {
        long? id = null;

        try
        {
            id = await Next(cancellationToken);
            return id is { } operation && await Batch(operation, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!outage.Tells(exception))
                NotDone(exception, id);
            await Task.Delay(ErrorPause, time, cancellationToken);
            if (id is { } operation)
                await Tell(operation, exception.Message, cancellationToken);
            return false;
        }
    }

    /// <summary>The running operation that has waited longest and that no other host has.</summary>
    Task<long?> Next(CancellationToken cancellationToken) => database.Read(
        async connection => (long?)await DeadLetterDatabase.Scalar(
            connection, null, $"SELECT id FROM dead_letter_operation WHERE state = 'running' AND {IsFree} ORDER BY updated, id LIMIT 1",
            cancellationToken,
            ("now", Now), ("ahead", Now + (10 * (long)Lease.TotalMilliseconds)), ("host", _host)),
        cancellationToken);

    async Task<bool> Batch(long id, CancellationToken cancellationToken)
    {
        var (isMine, messages) = await database.Write<(bool, IReadOnlyList<WaitingMessage>)>(
            async (connection, transaction) =>
            {
                // Whoever changes the row first has the operation; a stop waits for this transaction, or comes before it.
                if (await DatabaseCommands.Execute(
                    connection, transaction,
                    $"UPDATE dead_letter_operation SET host = @host, leased = @until, updated = @now, error = NULL WHERE id = @id AND "
                        + $"state = 'running' AND {IsFree}",
                    cancellationToken, ("id", id), ("host", _host), ("now", Now), ("ahead", Now + (10 * (long)Lease.TotalMilliseconds)),
                    ("until", Now + (long)Lease.TotalMilliseconds)) == 0)
                    return (false, []);

                var (operation, position, last) = (await DeadLetterDatabase.Query(
                    connection, transaction,
                    "SELECT id, kind, filter, target, state, total, done, created, created_by, updated, error, position, last_id FROM "
                        + "dead_letter_operation WHERE id = @id",
                    row => (DeadLetterOperations.Read(row), row.GetInt64(11), row.GetInt64(12)), cancellationToken, ("id", id)))[0];
                var action = new DeadLetterAction(operation.Kind, operation.CreatedBy ?? "", operation.Target);

                var ids = await Meant(connection, transaction, action.Of(operation.Filter), position, last, cancellationToken);
                var (count, sent) = await moves.Apply(connection, transaction, ids, action, cancellationToken, Skip);

                // What is redirected may meet a queue that does not take it, or does not exist: the operation is done when it has been
                // delivered. Until then others come first.
                var waiting = ids.Count == 0 && action.Destination is { } destination
                    ? await deliveries.Waiting(connection, transaction, destination, cancellationToken)
                    : null;
                await DatabaseCommands.Execute(
                    connection, transaction,
                    """
                    UPDATE dead_letter_operation SET done = done + @count, position = @position, state = @state, error = @error,
                        leased = @leased, host = @host, updated = @now
                    WHERE id = @id
                    """,
                    cancellationToken,
                    ("id", id), ("count", (long)count), ("position", ids.Count > 0 ? ids[^1] : position),
                    ("state", ids.Count == 0 && waiting is null ? DeadLetterOperation.Finished : DeadLetterOperation.Running),
                    ("error", waiting is null ? null : DeadLetterRows.Shortened(waiting, 1_000)),
                    ("leased", Now + (long)(waiting is null ? Lease : PollInterval).TotalMilliseconds),
                    ("host", waiting is null ? _host : ""), ("now", Now));
                return (true, sent);
            },
            cancellationToken);

        signals.Sent(messages);
        return isMine;
    }

    /// <summary>The next ones, as many as there is room for in memory.</summary>
    static async Task<IReadOnlyList<long>> Meant(
        DbConnection connection, DbTransaction transaction, DeadLetterFilter filter, long position, long last,
        CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        var found = await DeadLetterDatabase.Query(
            connection, transaction,
            $"SELECT id, size FROM dead_letter WHERE {where} AND id > @position AND id <= @last ORDER BY id LIMIT {BatchSize}",
            row => (Id: row.GetInt64(0), Size: (long)row.GetInt32(1)), cancellationToken,
            [.. parameters, ("position", position), ("last", last)]);

        var bytes = 0L;
        return [.. found.TakeWhile((row, index) => (bytes += row.Size) <= BatchBytes || index == 0).Select(row => row.Id)];
    }

    // One that no message can be made of holds up no others.
    void Skip(long letter, Exception exception)
    {
        if (_skipped.IsDue(out var untold))
            Skipped(exception, letter, untold);
    }

    async Task Tell(long id, string error, CancellationToken cancellationToken)
    {
        try
        {
            await database.Write(
                (connection, transaction) => DatabaseCommands.Execute(
                    connection, transaction, "UPDATE dead_letter_operation SET error = @error, updated = @now WHERE id = @id",
                    cancellationToken,
                    ("id", id), ("error", DeadLetterRows.Shortened(error, 1_000)), ("now", Now)),
                cancellationToken);
        }
        catch (DbException exception)
        {
            // The database is away: there is nobody to tell.
            if (!outage.Tells(exception))
                NotDone(exception, id);
        }
    }

    [LoggerMessage(22, LogLevel.Warning, "The operation {Id} on dead letters does not get on; it is tried again")]
    partial void NotDone(Exception exception, long? id);

    [LoggerMessage(
        24, LogLevel.Error,
        "The dead letter {Letter} stays where it is, as no message can be made of it. So do {Untold} more since the last such line")]
    partial void Skipped(Exception exception, long letter, int untold);
}
