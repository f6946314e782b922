namespace Maestro.Bus.Telemetry.Tests;

/// <summary>What counts as published, consumed and failed, on every transport.</summary>
public abstract class CountingSuite
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Gets the settings of a transport that nobody else uses.</summary>
    protected abstract Task<Dictionary<string, string?>> Settings();

    [Fact]
    public async Task Three_messages_that_are_retried_dead_lettered_and_repeated_are_counted_as_Prometheus_sees_them()
    {
        await using var host = await TelemetryHost.Start(await Settings());
        await using var prometheus = await PrometheusServer.Start([host.Address], TelemetryHost.ReaderKey, Cancellation);
        await Seen(prometheus, "sum by (outcome) (messaging_messages_consumed_total{message_type=~\".*OrderPlaced\"})", new()
        {
            ["outcome=handled"] = 0,
            ["outcome=duplicate"] = 0,
            ["outcome=dead_lettered"] = 0,
            ["outcome=discarded"] = 0,
        });
        var (twice, never) = (NewId.NextGuid(), NewId.NextGuid());

        await host.Place(twice, "twice", failures: 2);
        await host.Until((Consumed("handled"), 1));
        await host.Place(twice, "twice", failures: 2);
        await host.Place(never, "never", failures: 3);
        await host.Until((Consumed("dead_lettered"), 1), (Consumed("duplicate"), 1));
        await Retry(host);

        await Seen(prometheus, "sum by (outcome) (messaging_messages_consumed_total)", new()
        {
            ["outcome=handled"] = 2,
            ["outcome=duplicate"] = 1,
            ["outcome=dead_lettered"] = 1,
            ["outcome=discarded"] = 0,
        });
        await Seen(prometheus, "messaging_messages_published_total > 0", new()
        {
            [$"__name__=messaging_messages_published_total,instance={host.Address.Authority},job=bus,"
                + "message_type=Maestro.Bus.Telemetry.Tests.OrderPlaced"] = 3,
        });
        await Seen(prometheus, "sum by (queue, outcome) (messaging_errors_total{queue=\"orders\"})", new()
        {
            ["outcome=retried,queue=orders"] = 4,
            ["outcome=dead_lettered,queue=orders"] = 1,
            ["outcome=returned,queue=orders"] = 0,
        });
        await Seen(prometheus, "sum by (error_type) (bus_errors_by_type_total)", new()
        {
            ["error_type=System.InvalidOperationException"] = 5,
        });
        var runs = host.Services.GetRequiredService<OrderAttempts>().Total;
        Assert.Equal(7, runs);
        await Seen(prometheus, "sum(messaging_message_processing_duration_seconds_count)", new() { [""] = runs });
        await Seen(prometheus, "count(messaging_broker_health == 1)", new() { [""] = 1 });

        // A rule on a series that was there with 0 from the start fires at the first failure.
        await Seen(prometheus, "count(increase(messaging_errors_total{queue=\"orders\", outcome=\"dead_lettered\"}[5m]) > 0)", new()
        {
            [""] = 1,
        });
    }

    static string Consumed(string outcome) =>
        "messaging_messages_consumed_total{message_type=\"Maestro.Bus.Telemetry.Tests.OrderPlaced\","
            + $"outcome=\"{outcome}\",queue=\"orders\"}}";

    static async Task Retry(TelemetryHost host)
    {
        var store = host.Services.GetRequiredService<IDeadLetterStore>();
        var letter = await Eventually.Some(
            async () => (await store.List(new DeadLetterFilter(), null, 1, Cancellation)).FirstOrDefault(), Limit, "a dead letter",
            Cancellation);
        var operations = host.Services.GetRequiredService<IDeadLetterOperations>();
        await operations.Apply(letter.Id, new DeadLetterAction(DeadLetterActionKind.Retry, "test"), Cancellation);
        await host.Until((Consumed("handled"), 2));
    }

    static async Task Seen(PrometheusServer prometheus, string query, Dictionary<string, double> expected)
    {
        IReadOnlyDictionary<string, double> seen = expected;

        try
        {
            await Eventually.True(
                async () => (seen = await prometheus.Query(query, Cancellation)).OrderBy(series => series.Key)
                    .SequenceEqual(expected.OrderBy(series => series.Key)),
                Limit, query, Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} It is {string.Join(", ", seen)}.", exception);
        }
    }
}

/// <summary>In memory.</summary>
public sealed class MemoryCountingTests : CountingSuite
{
    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Bus:Transport"] = "memory" });
}

/// <summary>In files.</summary>
public sealed class SqliteCountingTests : CountingSuite
{
    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Bus:Transport"] = "sqlite" });
}

/// <summary>On RabbitMQ.</summary>
public sealed class RabbitMqCountingTests : CountingSuite, IAsyncDisposable
{
    readonly RabbitMqServer _server = new();

    protected override async Task<Dictionary<string, string?>> Settings()
    {
        await _server.Start(TestContext.Current.CancellationToken);
        return new() { ["Bus:Transport"] = "rabbitmq", ["Bus:RabbitMq:Url"] = _server.Url };
    }

    [Fact]
    public async Task A_queue_tells_how_many_messages_wait_beside_those_in_work()
    {
        await using var host = await TelemetryHost.Start(new Dictionary<string, string?>(await Settings())
        {
            ["Bus:Queues:orders:Concurrency"] = "1",
            ["Bus:Queues:orders:Prefetch"] = "1",
        });

        for (var order = 0; order < 4; order++)
            await host.Place(NewId.NextGuid(), "held", failures: 0);

        await host.Until(("bus_queue_depth{queue=\"orders\"}", 3), ("bus_messages_in_flight{queue=\"orders\"}", 1));
        host.Services.GetRequiredService<OrderAttempts>().Gate.SetResult();
        await host.Until(("bus_queue_depth{queue=\"orders\"}", 0), ("bus_messages_in_flight{queue=\"orders\"}", 0));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
