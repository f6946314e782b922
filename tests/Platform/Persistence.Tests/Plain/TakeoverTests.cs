using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Maestro.Bus.Persistence.Tests;

public sealed class SqliteTakeoverTests : TakeoverSuite
{
    readonly TestState _state = new();

    protected override void Use(DbContextOptionsBuilder options) => _state.Use(options);

    protected override string Schema => PublishedSchema.Sqlite;

    // As Entity Framework writes them.
    protected override object Id(Guid id) => id.ToString().ToUpperInvariant();

    protected override object Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
}

public sealed class PostgresTakeoverTests(PostgresFixture postgres) : TakeoverSuite
{
    string _connectionString = "";

    protected override string Schema => PublishedSchema.Postgres;

    [Fact]
    public async Task What_a_host_of_MassTransit_has_in_hand_is_left_to_it()
    {
        var (inHand, left) = (NewId.NextGuid(), NewId.NextGuid());
        await Outbox(inHand, Now.AddMinutes(-2));
        await Message(1, outbox: inHand);
        await Outbox(left, Now.AddMinutes(-1));
        await Message(2, outbox: left);

        // As its delivery service does.
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancellation);
        await using (var locking = new NpgsqlCommand(
            """SELECT *, xmin FROM "OutboxState" ORDER BY "Created" LIMIT 1 FOR UPDATE SKIP LOCKED""", connection, transaction))
            Assert.Equal(inHand, await locking.ExecuteScalarAsync(Cancellation));

        await using var host = await PlainHost<ParcelContext>.Start(Use);
        await host.Until(2);
        await UntilCount("OutboxState", 1);

        await transaction.RollbackAsync(Cancellation);
        await host.Until(2, 1);
        await UntilCount("OutboxState", 0);
    }

    [Fact]
    public async Task A_message_that_a_host_of_MassTransit_handles_at_the_moment_is_waited_for()
    {
        await using var host = await PlainHost<ParcelContext>.Start(Use);
        var consumer = await ConsumerId(host);
        var id = NewId.NextGuid();

        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(Cancellation);
        await Inbox(id, consumer, null, null);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancellation);
        await using (var handling = new NpgsqlCommand(
            """UPDATE "InboxState" SET "Consumed" = now(), "Delivered" = now() WHERE "MessageId" = $1""", connection, transaction)
        { Parameters = { new() { Value = id } } })
            await handling.ExecuteNonQueryAsync(Cancellation);

        await host.Send(new SendParcel(7), id);
        await Eventually.True(
            async () => await Count("pg_stat_activity", "wait_event_type = 'Lock' AND datname = current_database()") > 0,
            TimeSpan.FromSeconds(60), "a wait for the other host", Cancellation);
        await transaction.CommitAsync(Cancellation);
        await host.Send(new SendParcel(8), NewId.NextGuid());

        await host.Until(0, 8);
        Assert.Equal([0, 8], host.Log.Handled);
    }

    protected override async Task Prepare() => _connectionString = await postgres.Server.CreateDatabase(Cancellation);

    protected override void Use(DbContextOptionsBuilder options) => options.UseNpgsql(_connectionString);

    protected override object Id(Guid id) => id;

    protected override object Time(DateTime time) => time;
}

/// <summary>
/// What hosts of MassTransit have left in the tables of their outbox is finished here, and what is handled here they leave out.
/// </summary>
public abstract class TakeoverSuite : IAsyncLifetime
{
    const string Queue = "loopback://localhost/ParcelSent";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    protected abstract string Schema { get; }

    [Fact]
    public async Task What_was_published_and_not_sent_is_sent_in_its_order_and_goes_from_the_tables()
    {
        var (first, second) = (NewId.NextGuid(), NewId.NextGuid());
        await Outbox(first, Now.AddMinutes(-2), last: 1);
        await Message(1, outbox: first);
        await Message(2, outbox: first, headers: """{"Colour":"green","Nothing":null,"Pair":["double","x"]}""");
        await Message(3, outbox: first);
        await Outbox(second, Now.AddMinutes(-1), delivered: Now);
        await Message(4, outbox: second);

        await using var host = await PlainHost<ParcelContext>.Start(Use);
        await host.Until(2, 3);

        var headers = host.Log.Sent.First().Headers;
        Assert.Equal("green", headers.Get<string>("Colour"));
        Assert.Equal("double,x", string.Join(",", headers.Get<string[]>("Pair")!));
        await UntilCount("OutboxState", 0);
        await UntilCount("OutboxMessage", 0);
    }

    [Fact]
    public async Task A_delayed_message_waits_for_its_time()
    {
        var (outbox, due) = (NewId.NextGuid(), Now.AddSeconds(5));
        await Outbox(outbox, Now);
        await Message(1, outbox: outbox, due: due);
        await Message(2, outbox: outbox);

        await using var host = await PlainHost<ParcelContext>.Start(Use);
        await Eventually.True(() => Task.FromResult(host.Log.Times.Count == 2), TimeSpan.FromSeconds(60), "both messages", Cancellation);

        // Timers and the clock differ by less.
        Assert.True(host.Log.Times[1] > due.AddMilliseconds(-50));
    }

    [Fact]
    public async Task A_row_that_cannot_be_sent_stays_with_a_word_and_holds_up_nothing()
    {
        var (bad, good) = (NewId.NextGuid(), NewId.NextGuid());
        await Outbox(bad, Now.AddMinutes(-2));
        await Message(1, outbox: bad, destination: null);
        await Message(2, outbox: bad);
        await Outbox(good, Now.AddMinutes(-1));
        await Message(3, outbox: good);

        using var lines = new LogLines();
        await using var host = await PlainHost<ParcelContext>.Start(Use, lines: lines);
        await host.Until(3);

        await UntilCount("OutboxMessage", 2);
        await Eventually.True(
            () => Task.FromResult(lines.Of(LogLevel.Error).Count > 0), TimeSpan.FromSeconds(60), "a line of the log", Cancellation);
        Assert.Contains("its row has no DestinationAddress", Assert.Single(lines.Of(LogLevel.Error)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_host_of_MassTransit_has_handled_is_left_out()
    {
        await using var host = await PlainHost<ParcelContext>.Start(Use);
        var consumer = await ConsumerId(host);
        var id = NewId.NextGuid();
        await Inbox(id, consumer, Now, Now);

        await host.Send(new SendParcel(1), id);
        await host.Send(new SendParcel(2), NewId.NextGuid());

        await host.Until(0, 2);
        Assert.Equal([0, 2], host.Log.Handled);
    }

    [Fact]
    public async Task What_it_has_handled_and_not_sent_is_sent_without_being_handled_again()
    {
        await using var host = await PlainHost<ParcelContext>.Start(Use);
        var consumer = await ConsumerId(host);
        var id = NewId.NextGuid();
        await Inbox(id, consumer, Now, null, last: 10);
        await Message(10, inbox: (id, consumer));
        await Message(11, inbox: (id, consumer));

        await host.Send(new SendParcel(1), id);

        await host.Until(0, 11);
        Assert.Equal([0], host.Log.Handled);
        await UntilCount("OutboxMessage", 0);
        await Eventually.True(
            async () => (await Inbox(host, id)).Delivered is not null, TimeSpan.FromSeconds(60), "the end of its delivery", Cancellation);
    }

    [Fact]
    public async Task What_it_has_begun_and_not_handled_is_handled()
    {
        await using var host = await PlainHost<ParcelContext>.Start(Use);
        var consumer = await ConsumerId(host);
        var id = NewId.NextGuid();
        await Inbox(id, consumer, null, null);

        await host.Send(new SendParcel(1), id);

        await host.Until(0, 1);
        await Eventually.True(
            async () => await Inbox(host, id) is { Consumed: not null, Delivered: not null }, TimeSpan.FromSeconds(60),
            "the end of its delivery", Cancellation);
    }

    [Fact]
    public async Task Handled_messages_are_forgotten_after_their_time()
    {
        await Inbox(NewId.NextGuid(), NewId.NextGuid(), Now.AddHours(-25), Now.AddHours(-25));
        await Inbox(NewId.NextGuid(), NewId.NextGuid(), Now.AddHours(-25), null);
        await Inbox(NewId.NextGuid(), NewId.NextGuid(), Now.AddHours(-23), Now.AddHours(-23));

        await using var host = await PlainHost<ParcelContext>.Start(Use);

        await UntilCount("InboxState", 2);
    }

    public async ValueTask InitializeAsync()
    {
        await Prepare();
        await Run(Schema);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected virtual Task Prepare() => Task.CompletedTask;

    protected abstract void Use(DbContextOptionsBuilder options);

    protected abstract object Id(Guid id);

    protected abstract object Time(DateTime time);

    /// <summary>Has a message handled, and reads what its consumer is called in the inbox.</summary>
    private protected async Task<Guid> ConsumerId(PlainHost<ParcelContext> host)
    {
        var id = NewId.NextGuid();
        await host.Send(new SendParcel(0), id);
        await host.Until(0);
        return await host.InScope((context, _) =>
            context.Set<InboxState>().Where(state => state.MessageId == id).Select(state => state.ConsumerId).SingleAsync(Cancellation));
    }

    static Task<InboxState> Inbox(PlainHost<ParcelContext> host, Guid message) => host.InScope((context, _) =>
        context.Set<InboxState>().AsNoTracking().SingleAsync(state => state.MessageId == message, Cancellation));

    protected Task Outbox(Guid id, DateTime created, DateTime? delivered = null, long? last = null) => Run(
        """
        INSERT INTO "OutboxState" ("OutboxId", "LockId", "Created", "Delivered", "LastSequenceNumber")
        VALUES (@p0, @p1, @p2, @p3, @p4)
        """,
        Id(id), Id(Guid.Empty), Time(created), delivered is { } time ? Time(time) : null, last);

    protected Task Inbox(Guid message, Guid consumer, DateTime? consumed, DateTime? delivered, long? last = null) => Run(
        """
        INSERT INTO "InboxState"
            ("MessageId", "ConsumerId", "LockId", "Received", "ReceiveCount", "Consumed", "Delivered", "LastSequenceNumber")
        VALUES (@p0, @p1, @p2, @p3, 1, @p4, @p5, @p6)
        """,
        Id(message), Id(consumer), Id(Guid.Empty), Time(Now), consumed is { } handled ? Time(handled) : null,
        delivered is { } sent ? Time(sent) : null, last);

    /// <summary>A message as MassTransit's outbox keeps it, whose number is also its place.</summary>
    protected Task Message(
        int number, Guid? outbox = null, (Guid Message, Guid Consumer)? inbox = null, string? headers = null, DateTime? due = null,
        string? destination = Queue) => Run(
        """
        INSERT INTO "OutboxMessage" ("SequenceNumber", "SentTime", "Headers", "Properties", "InboxMessageId", "InboxConsumerId", "OutboxId",
            "MessageId", "ContentType", "MessageType", "Body", "SourceAddress", "DestinationAddress", "EnqueueTime")
        VALUES (@p0, @p1, @p2, '{"Delay":null}', @p3, @p4, @p5, @p6, 'application/vnd.masstransit+json', @p7, @p8, @p9, @p10, @p11)
        """,
        number, Time(Now), headers, inbox is { } handled ? Id(handled.Message) : null,
        inbox is { } consumed ? Id(consumed.Consumer) : null, outbox is { } id ? Id(id) : null, Id(NewId.NextGuid()),
        "urn:message:Maestro.Bus.Persistence.Tests:ParcelSent",
        $$"""
        {"messageId":"{{NewId.NextGuid()}}","messageType":["urn:message:Maestro.Bus.Persistence.Tests:ParcelSent"],
         "message":{"number":{{number}}},"sentTime":"{{Now:O}}","headers":{{headers ?? "{}"}} }
        """,
        "loopback://localhost/old", destination, due is { } moment ? Time(moment) : null);

    protected async Task<long> Count(string table, string condition = "true")
    {
        var name = table.Contains('_', StringComparison.Ordinal) ? table : $"\"{table}\"";
        return Convert.ToInt64(await Run($"SELECT count(*) FROM {name} WHERE {condition}"), CultureInfo.InvariantCulture);
    }

    // What is sent goes from the tables a moment later.
    protected Task UntilCount(string table, long count) => Eventually.True(
        async () => await Count(table) == count, TimeSpan.FromSeconds(60), $"{count} rows of {table}", Cancellation);

    async Task<object?> Run(string statement, params object?[] values)
    {
        var options = new DbContextOptionsBuilder<ParcelContext>();
        Use(options);
        await using var context = new ParcelContext(options.Options);
        await context.Database.OpenConnectionAsync(Cancellation);
        await using DbCommand command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = statement;
        foreach (var (value, index) in values.Select((value, index) => (value, index)))
            command.Parameters.Add(command is SqliteCommand
                ? new SqliteParameter($"@p{index}", value ?? DBNull.Value)
                : new NpgsqlParameter($"@p{index}", value ?? DBNull.Value));
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
