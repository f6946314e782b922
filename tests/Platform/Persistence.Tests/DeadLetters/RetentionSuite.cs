using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>How long dead letters are kept, in every database.</summary>
public abstract class RetentionSuite
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    readonly HurriedClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task Dead_letters_are_deleted_by_themselves_when_they_are_thirty_days_old_and_not_before()
    {
        await using var shop = await Start();
        var store = shop.Services.GetRequiredService<IDeadLetterStore>();
        await store.Add([Letter(1, _clock.Now), Letter(2, _clock.Now + TimeSpan.FromHours(1))], Cancellation);

        _clock.Now += 30 * Day;
        await Purged(shop);
        Assert.Equal(2, await store.Count(new DeadLetterFilter(), Cancellation));

        _clock.Now += TimeSpan.FromMinutes(30);
        await Eventually.True(
            async () => await store.Count(new DeadLetterFilter(), Cancellation) == 1, Limit, "the first one to be deleted", Cancellation);
        Assert.Equal("number 2", Assert.Single(await store.List(new DeadLetterFilter(), null, 10, Cancellation)).ExceptionMessage);

        _clock.Now += TimeSpan.FromHours(1);
        await Eventually.True(
            async () => await store.Count(new DeadLetterFilter(), Cancellation) == 0, Limit, "the second one to be deleted", Cancellation);
        await Eventually.True(async () => await shop.Count("dead_letter_group") == 0, Limit, "their group to be deleted", Cancellation);
    }

    [Fact]
    public async Task All_that_is_old_is_deleted_in_one_go_whatever_has_become_of_it()
    {
        await using var shop = await Start(KeyValuePair.Create<string, string?>("Bus:DeadLetters:Retention", "7d"));
        var (store, operations) = (shop.Services.GetRequiredService<IDeadLetterStore>(),
            shop.Services.GetRequiredService<IDeadLetterOperations>());
        foreach (var batch in Enumerable.Range(0, 2_500).Select(number => Letter(number, _clock.Now)).Chunk(250))
            await store.Add(batch, Cancellation);
        await Done(operations, await operations.Begin(
            new DeadLetterFilter { Text = "number 1" }, new DeadLetterAction(DeadLetterActionKind.Discard, "test"), Cancellation));
        await store.Add([Letter(9_999, _clock.Now + Day)], Cancellation);

        _clock.Now += 7.5 * Day;
        await Purged(shop);

        Assert.Equal("number 9999", Assert.Single(await store.List(new DeadLetterFilter(), null, 10, Cancellation)).ExceptionMessage);
        Assert.Empty(await operations.List(10, Cancellation));
    }

    [Fact]
    public async Task A_purge_by_date_deletes_what_failed_before_it()
    {
        await using var shop = await Start();
        var (store, operations) = (shop.Services.GetRequiredService<IDeadLetterStore>(),
            shop.Services.GetRequiredService<IDeadLetterOperations>());
        await store.Add([.. Enumerable.Range(0, 1_200).Select(number => Letter(number, _clock.Now - (number % 10 * Day)))], Cancellation);

        var purge = await operations.Begin(
            new DeadLetterFilter { FailedBefore = _clock.Now - (4 * Day) }, new DeadLetterAction(DeadLetterActionKind.Purge, "test"),
            Cancellation);

        Assert.Equal(600, (await Done(operations, purge)).Done);
        Assert.Equal(600, await store.Count(new DeadLetterFilter(), Cancellation));
    }

    [Fact]
    public async Task One_that_no_message_can_be_made_of_stays_and_holds_up_no_others()
    {
        await using var shop = await Start();
        var (store, operations) = (shop.Services.GetRequiredService<IDeadLetterStore>(),
            shop.Services.GetRequiredService<IDeadLetterOperations>());
        await store.Add([.. Enumerable.Range(0, 5).Select(number => Letter(number, _clock.Now))], Cancellation);
        var before = (await store.List(new DeadLetterFilter(), null, 10, Cancellation)).Select(letter => letter.Id).ToArray();
        var broken = Assert.Single(await store.List(new DeadLetterFilter { Text = "number 2" }, null, 10, Cancellation)).Id;
        await using (var connection = await shop.Services.GetRequiredService<BusDatabase>().Open(Cancellation))
        await using (var command = connection.CreateCommand())
        {
            // A byte, in the words of both databases.
            command.CommandText = $"UPDATE dead_letter SET metadata = substr(metadata, 1, 1) WHERE id = {broken}";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
        }

        var retry = await operations.Begin(
            new DeadLetterFilter(), new DeadLetterAction(DeadLetterActionKind.Retry, "test"), Cancellation);

        Assert.Equal((5, 4), (retry.Total, (await Done(operations, retry)).Done));
        // What was retried may be a dead letter again by now: a new one, and no matter of this test.
        Assert.Equal(
            [broken],
            (await store.List(new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 10, Cancellation))
                .Select(letter => letter.Id).Intersect(before));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_for_a_while_deletes_nothing_of_dead_letters_inbox_and_claims()
    {
        var log = new LogLines();
        await using var shop = await ShopHost.Start(
            (await NewDatabase())
                .Append(new("Bus:Idempotency:CleanupInterval", "10s"))
                .Append(new("Bus:Database:Inbox:CleanupInterval", "10s")),
            services =>
            {
                // Before anything looks whether it may delete: what has looked already would delete all the same.
                services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(new Jump(_clock, 40 * Day)));
                services.AddSingleton<TimeProvider>(_clock).AddLogging(logging => logging.AddProvider(log));
            });
        await shop.Services.GetRequiredService<IDeadLetterStore>().Add([Letter(1, _clock.Now - 20 * Day)], Cancellation);

        await Jumped(log, "40.00:00:00");
        await InsertOld(shop);
        _clock.Error = TimeSpan.Zero;
        await Jumped(log, "-40.00:00:00");

        Assert.Equal((1, 1, 1), (await shop.Count("dead_letter"), await shop.Count("inbox_state"), await shop.Count("idempotency_claim")));

        // Ten minutes later the clock is trusted again.
        _clock.Now += 11 * Day;
        await Eventually.True(
            async () => await shop.Count("dead_letter") + await shop.Count("inbox_state") + await shop.Count("idempotency_claim") == 0,
            Limit, "what is old to be deleted", Cancellation);
    }

    static Task Jumped(LogLines log, string by) => Eventually.True(
        () => Task.FromResult(log.All.Any(line => line.StartsWith($"The clock of the host has jumped by {by}.", StringComparison.Ordinal))),
        Limit, $"the jump by {by}", Cancellation);

    static async Task InsertOld(ShopHost shop)
    {
        await using var connection = await shop.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        var (old, id) = connection is Npgsql.NpgsqlConnection
            ? ("now() - interval '1 year'", $"'{Guid.Empty}'")
            : ("1", $"'{Guid.Empty}'");
        command.CommandText = $"""
            INSERT INTO inbox_state (message_id, consumer_id, handled) VALUES ({id}, {id}, {old});
            INSERT INTO idempotency_claim (scope, key, run, expires) VALUES ('scope', 'key', {id}, {old})
            """;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Sets the clock wrong while the host starts, when all its services have been made.</summary>
    sealed class Jump(HurriedClock clock, TimeSpan error) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            clock.Error = error;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    static DeadLetter Letter(int number, DateTimeOffset failedAt) => new()
    {
        Key = $"test:{number}",
        Queue = "shop",
        Address = new Uri("queue:shop"),
        Reason = DeadLetterReason.Fault,
        ExceptionType = "System.TimeoutException",
        ExceptionMessage = $"number {number}",
        FailedAt = failedAt,
        Body = "{}"u8.ToArray(),
    };

    static Task Purged(ShopHost shop) => shop.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>()
        .OfType<DeadLetterHousekeeping>().Single().Purge(Cancellation);

    static Task<DeadLetterOperation> Done(IDeadLetterOperations operations, DeadLetterOperation operation) => Eventually.Some(
        async () => await operations.Find(operation.Id, Cancellation) is { State: DeadLetterOperation.Finished } done ? done : null, Limit,
        "the end of the operation", Cancellation);

    async Task<ShopHost> Start(params KeyValuePair<string, string?>[] settings) =>
        await ShopHost.Start((await NewDatabase()).Concat(settings), services => services.AddSingleton<TimeProvider>(_clock));
}

public sealed class SqliteRetentionTests : RetentionSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresRetentionTests(PostgresFixture postgres) : RetentionSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
