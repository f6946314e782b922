using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What the outbox does, on every database, when a destination does not take messages.</summary>
public abstract class DeliverySuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task A_destination_that_refuses_holds_up_no_other_and_gets_its_messages_in_order_later()
    {
        var transport = new TestTransport { Refuses = message => message.Destination.Contains("closed", StringComparison.Ordinal) };
        await using var shop = await ShopHost.Start(await NewDatabase(), services => services.AddSingleton<IOutboxTransport>(transport));

        for (var number = 0; number < 20; number++)
            await Write(shop, "key", $"test://closed/{number}", $"test://open/{number}");

        await Eventually.True(() => Task.FromResult(Sent("open").Count == 20), TimeSpan.FromSeconds(60), "20 messages", Cancellation);
        Assert.Empty(transport.SentTo("closed"));

        transport.Refuses = _ => false;
        await Eventually.True(
            () => Task.FromResult(Sent("closed").Count == 20), TimeSpan.FromSeconds(60), "20 messages that were parked", Cancellation);
        await shop.UntilEmpty();
        Assert.Equal(Sent("closed").Order(), Sent("closed"));
        Assert.Equal(20, Sent("closed").Count);

        List<long> Sent(string destination) => [.. transport.SentTo(destination).Select(message => message.Sequence)];
    }

    [Fact]
    public async Task A_destination_that_refuses_has_a_line_when_that_begins_and_one_when_it_ends_however_many_messages_it_refuses()
    {
        var log = new LogLines();
        var gate = new TaskCompletionSource();
        var transport = new TestTransport { Refuses = _ => true, Gate = gate.Task };
        await using var shop = await ShopHost.Start(
            (await NewDatabase()).Append(new("Bus:Database:Outbox:Dispatchers", "1")),
            services => services.AddSingleton<IOutboxTransport>(transport).AddLogging(logging => logging.AddProvider(log)));

        for (var number = 0; number < 20; number++)
            await Write(shop, $"key-{number}", "test://closed/");
        await Eventually.True(() => Task.FromResult(transport.Begun == 20), TimeSpan.FromSeconds(60), "20 sends at once", Cancellation);
        gate.SetResult();
        await Eventually.True(
            async () => await shop.Count("outbox_message", "attempts > 1") > 1, TimeSpan.FromSeconds(60), "more attempts", Cancellation);
        transport.Refuses = _ => false;
        await shop.UntilEmpty();
        await Eventually.True(() => Task.FromResult(Lines().Count > 1), TimeSpan.FromSeconds(60), "the line of its end", Cancellation);

        Assert.Equal([(LogLevel.Warning, 3), (LogLevel.Information, 6)], Lines().Select(line => (line.Level, line.Id)));
        Assert.All(Lines(), line => Assert.Null(line.Exception));
        Assert.Contains("from the outbox: The test refuses it. It is tried again", Lines()[0].Text, StringComparison.Ordinal);

        List<LogEntry> Lines() => [.. log.Entries.Where(entry => entry.Text.StartsWith("test://closed/ ", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task What_was_parked_by_a_host_that_is_gone_is_sent_by_the_next_before_what_came_later()
    {
        var database = await NewDatabase();
        var closed = new TestTransport { Refuses = _ => true };
        await using (var gone = await ShopHost.Start(database, services => services.AddSingleton<IOutboxTransport>(closed)))
        {
            for (var number = 0; number < 10; number++)
                await Write(gone, "key", "test://shop/");
            await Eventually.True(
                async () => await gone.Count("outbox_message", "state = 1") == 10, TimeSpan.FromSeconds(60), "10 parked messages",
                Cancellation);
        }

        await using (var writer = await ShopHost.Start(database.Append(new("Bus:Database:Outbox:Deliver", "false"))))
        {
            for (var number = 0; number < 10; number++)
                await Write(writer, "key", "test://shop/");
        }

        var open = new TestTransport();
        await using var shop = await ShopHost.Start(database, services => services.AddSingleton<IOutboxTransport>(open));
        await shop.UntilEmpty();
        Assert.Equal(20, open.SentTo("shop").Count());
        Assert.Equal(
            open.SentTo("shop").Select(message => message.Sequence).Order(), open.SentTo("shop").Select(message => message.Sequence));
    }

    [Fact]
    public async Task A_message_that_is_refused_while_others_get_through_is_given_up()
    {
        var transport = new TestTransport { Refuses = message => message.OrderingKey == "bad" };
        await using var shop = await ShopHost.Start(
            (await NewDatabase()).Append(new("Bus:Database:Outbox:Attempts", "3")),
            services => services.AddSingleton<IOutboxTransport>(transport));

        await Write(shop, "bad", "test://shop/");
        var good = 0;
        await Eventually.True(
            async () =>
            {
                await Write(shop, $"good-{++good}", "test://shop/");
                return await shop.Count("outbox_message", "state = 2") == 1;
            },
            TimeSpan.FromSeconds(60), "a message that is given up", Cancellation);

        await Eventually.True(
            () => Task.FromResult(transport.SentTo("shop").Count() == good), TimeSpan.FromSeconds(60), "the good messages", Cancellation);
        await Eventually.True(
            async () => await shop.Count("outbox_message") == 1, TimeSpan.FromSeconds(60), "an outbox with nothing else in it",
            Cancellation);
    }

    [Fact]
    public async Task Hosts_share_the_partitions_and_take_over_those_of_a_host_that_leaves()
    {
        var database = await NewDatabase();
        await using var first = await ShopHost.Start(database);
        await using (var second = await ShopHost.Start(database))
            await UntilShared(first, 2);

        await UntilShared(first, 1);
        await OutboxSuite.Publish(first, Enumerable.Range(1, 100).Select(number => new OrderPlaced(number, $"{number}")));
        await first.Received.Until(100);
        await first.UntilEmpty();
    }

    [Fact]
    public async Task The_leases_of_a_host_that_shows_no_life_are_taken()
    {
        var log = new LogLines();
        await using var shop = await ShopHost.Start(
            await NewDatabase(), services => services.AddLogging(logging => logging.AddProvider(log)));
        await UntilShared(shop, 1);

        await using (var connection = await shop.Services.GetRequiredService<BusDatabase>().Open(Cancellation))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = """
                INSERT INTO lease_host (lease_group, host, beat) VALUES ('outbox', 'gone', 7);
                UPDATE lease SET host = 'gone' WHERE lease_group = 'outbox'
                """;
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await UntilShared(shop, 1);
        await OutboxSuite.Publish(shop, Enumerable.Range(1, 20).Select(number => new OrderPlaced(number, $"{number}")));
        await shop.Received.Until(20);
        Assert.Equal(0, await shop.Count("lease_host", "host = 'gone'"));

        // It had lost them for a while, and has one line for all of them.
        var lines = log.Entries.Where(entry => entry.Text.Contains("has lost the lease", StringComparison.Ordinal)).ToList();
        Assert.Contains(lines, line => line.Properties["Count"] is (int)OutboxPartitions.Count);
        Assert.All(lines, line => Assert.Equal((LogLevel.Warning, 13, null), (line.Level, line.Id, line.Exception)));
    }

    [Fact]
    public async Task A_host_that_was_frozen_knows_at_once_that_its_leases_may_be_another_s_and_takes_none_before_it_has_given_up_its_own()
    {
        await using var shop = await ShopHost.Start((await NewDatabase()).Append(new("Bus:Database:Outbox:Deliver", "false")));
        var time = new Stopwatches();
        var database = shop.Services.GetRequiredService<BusDatabase>();
        LeaseGroup Host() => new(database, "tests", 4, TimeSpan.FromSeconds(5), time);
        var (one, other) = (Host(), Host());

        Assert.Equal([0, 1, 2, 3], (await one.Renew(Cancellation)).Numbers);
        Assert.True(one.IsCurrent);
        var none = await other.Renew(Cancellation);
        Assert.Empty(none.Numbers);
        Assert.Equal(2, none.FairShare);
        Assert.Equal(2, (await one.Renew(Cancellation)).FairShare);
        await one.Release([2, 3], leaves: false, Cancellation);
        Assert.Equal([2, 3], (await other.Renew(Cancellation)).Numbers);

        // The one is frozen; the other sees its beat once more, and then for five seconds no change of it.
        for (var second = 0; second < 4; second++)
        {
            time.Pass(TimeSpan.FromSeconds(1));
            Assert.Equal([2, 3], (await other.Renew(Cancellation)).Numbers);
        }

        Assert.False(one.IsCurrent);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1, 2, 3], (await other.Renew(Cancellation)).Numbers);

        await other.Release([0, 1], leaves: false, Cancellation);
        Assert.Empty((await one.Renew(Cancellation)).Numbers);
        Assert.False(one.IsCurrent);
        Assert.Equal([0, 1], (await one.Renew(Cancellation)).Numbers);
        Assert.True(one.IsCurrent);

        await other.Release([2, 3], leaves: true, Cancellation);
        Assert.Equal([0, 1, 2, 3], (await one.Renew(Cancellation)).Numbers);
    }

    [Fact]
    public async Task The_gauges_tell_how_much_waits_and_how_long()
    {
        await using var shop = await ShopHost.Start((await NewDatabase())
            .Append(new("Bus:Database:Outbox:MeasureInterval", "50ms"))
            .Append(new("Bus:Database:Outbox:Deliver", "false")));
        var gauges = new Dictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => Listen(instrument, self, shop) };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.Start();

        await Write(shop, "key", "test://shop/", "test://shop/", "test://shop/");

        await Eventually.True(
            () =>
            {
                listener.RecordObservableInstruments();
                return Task.FromResult(
                    gauges.GetValueOrDefault("bus.outbox.backlog") == 3 && gauges.GetValueOrDefault("bus.outbox.age") > 0.2);
            },
            TimeSpan.FromSeconds(60), "gauges of a backlog of 3", Cancellation);
    }

    static void Listen(Instrument instrument, MeterListener listener, ShopHost shop)
    {
        if (instrument.Meter.Name == OutboxMetrics.MeterName
            && ReferenceEquals(instrument.Meter.Scope, shop.Services.GetRequiredService<IMeterFactory>()))
            listener.EnableMeasurementEvents(instrument);
    }

    static Task UntilShared(ShopHost shop, int hosts) => Eventually.True(
        async () =>
        {
            await using var connection = await shop.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                SELECT count(*) FROM (SELECT host FROM lease WHERE lease_group = 'outbox' AND host IS NOT NULL AND host <> 'gone'
                    GROUP BY host HAVING count(*) = {OutboxPartitions.Count / hosts}) h
                """;
            return (long)(await command.ExecuteScalarAsync(Cancellation))! == hosts;
        },
        TimeSpan.FromSeconds(60), $"{hosts} hosts with equal shares", Cancellation);

    static Task Write(ShopHost shop, string key, params string[] destinations) => shop.InScope(async (context, _, services) =>
    {
        foreach (var destination in destinations)
            services.GetRequiredService<OutboxBusContext<ShopContext>>().Capture(new WaitingMessage
            {
                OrderingKey = key,
                Partition = OutboxPartitions.Of(key),
                Destination = new Uri(destination).GetLeftPart(UriPartial.Authority) + "/",
                MessageId = NewId.NextGuid(),
                Metadata = "{}"u8.ToArray(),
                Body = [],
            });

        await context.SaveChangesAsync(Cancellation);
    });
}

public sealed class SqliteDeliveryTests : DeliverySuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresDeliveryTests(PostgresFixture postgres) : DeliverySuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
