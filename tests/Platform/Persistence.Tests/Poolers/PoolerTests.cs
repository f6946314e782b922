using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>PgBouncer between the bus and PostgreSQL.</summary>
public sealed class PoolerTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hosts_work_through_a_pooler_of_transactions_and_find_each_other_s_messages()
    {
        await using var bouncer = new PgBouncerServer();
        await bouncer.Start(postgres.Server, "transaction", Cancellation);
        var settings = await Settings(bouncer, DatabasePooler.Transaction);
        var log = new LogLines();
        await using var one = await Start(settings, log);
        await using var two = await Start(settings.Append(new("Bus:Database:Outbox:Deliver", "false")), log);

        await OutboxSuite.Publish(one, Enumerable.Range(1, 200).Select(number => new OrderPlaced(number, $"{number % 7}")));
        await OutboxSuite.Publish(two, Enumerable.Range(201, 50).Select(number => new OrderPlaced(number, $"{number % 7}")));
        await one.Received.Until(250);
        await one.UntilEmpty();
        await one.Bus.Publish(new PlaceOrder(1_000, Fails: true), Cancellation);
        await Eventually.True(async () => await one.Orders(1_000) == 1, TimeSpan.FromSeconds(60), "the order", Cancellation);
        await one.Received.Until(251);

        // None is left in a session. Other tests have theirs in other databases of the server.
        await Eventually.True(
            async () => await one.Count(
                "pg_locks", "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 0,
            TimeSpan.FromSeconds(60), "no advisory lock", Cancellation);

        Assert.Empty(log.Of(LogLevel.Error));
        // A host that a busy machine stops for seconds loses its part of the outbox, and says so.
        Assert.DoesNotContain(
            log.Of(LogLevel.Warning),
            line => line.Contains("outbox", StringComparison.OrdinalIgnoreCase)
                && !line.Contains("has lost the lease", StringComparison.Ordinal));
        Assert.Equal(251, one.Received.Numbers.Distinct().Count());
        Assert.Equal(251, one.Received.Numbers.Count);
    }

    [Fact]
    public async Task A_start_through_a_pooler_that_no_setting_names_stops_with_a_sentence()
    {
        await using var bouncer = new PgBouncerServer();
        await bouncer.Start(postgres.Server, "transaction", Cancellation);

        var problem = await Assert.ThrowsAsync<BusConfigurationException>(
            async () => await (await ShopHost.Start(await Settings(bouncer, DatabasePooler.None))).DisposeAsync());

        Assert.Equal(
            "Bus:Database:ConnectionString leads to a pooler, such as PgBouncer, and not to PostgreSQL itself. "
            + "Set Bus:Database:Pooler to transaction, or connect to PostgreSQL directly.",
            problem.Message);
    }

    static Task<ShopHost> Start(IEnumerable<KeyValuePair<string, string?>> settings, LogLines log) =>
        ShopHost.Start(settings, services => services.AddLogging(logging => logging.AddProvider(log)));

    async Task<Dictionary<string, string?>> Settings(PgBouncerServer bouncer, DatabasePooler pooler)
    {
        var settings = await Databases.Postgres(postgres, Cancellation);
        settings["Bus:Database:ConnectionString"] = bouncer.Of(settings["Bus:Database:ConnectionString"]!);
        settings["Bus:Database:Pooler"] = $"{pooler}";
        return settings;
    }
}
