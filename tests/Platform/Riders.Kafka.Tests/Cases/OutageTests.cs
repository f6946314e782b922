using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Brokers of the test's own that hang and end.</summary>
public sealed class OutageTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_stops_in_good_time_while_its_broker_hangs()
    {
        Assert.SkipWhen(RealKafkaServer.Missing is not null, RealKafkaServer.Missing ?? "");
        await using var server = new RealKafkaServer();
        await server.Start(Cancel);
        var received = new Received<int>();
        var log = new LogLines();
        using var host = await Start(server, "orders", received, log);
        await using (var plugin = new KafkaPlugin(Settings(server), new PluginLog(new LogLines())))
        {
            for (var number = 0; number < 20; number++)
                await plugin.Produce(Record("orders", number), Cancel);
        }

        await received.AtLeast(20);

        await server.Pause(0);
        // It would wait for as long as the broker hangs.
        await host.StopAsync(Cancel).WaitAsync(Limit, Cancel);

        Assert.Contains(log.Of(LogLevel.Warning), line => line.StartsWith(
            "The group orders-group could not be left in good order", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Three_brokers_of_which_one_ends_and_another_hangs_lose_nothing()
    {
        const int count = 600;
        Assert.SkipWhen(RealKafkaServer.Missing is not null, RealKafkaServer.Missing ?? "");
        await using var server = new RealKafkaServer(nodes: 3);
        await server.Start(Cancel);
        var received = new Received<int>();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new() { Name = "orders", NumPartitions = 6, ReplicationFactor = 3 }]);
        using var host = await Start(server, "orders", received, new LogLines());
        await using var plugin = new KafkaPlugin(Settings(server), new PluginLog(new LogLines()));

        await Write(0);
        await server.Kill(0);
        await Write(1);
        await server.Revive(0);
        await server.Pause(1);
        await Write(2);
        await server.Resume(1);

        await Eventually.True(() => Task.FromResult(received.Items.Distinct().Count() == count), Limit, "all records", Cancel);
        await host.StopAsync(Cancel);

        Task Write(int part) => Task.WhenAll(Enumerable.Range(part * (count / 3), count / 3).Select(async number =>
        {
            // Whoever writes tries again what was not taken.
            await Eventually.True(
                async () =>
                {
                    try
                    {
                        await plugin.Produce(Record("orders", number), Cancel);
                        return true;
                    }
                    catch (KafkaException)
                    {
                        // Its broker has just ended.
                        return false;
                    }
                },
                Limit, $"record {number}", Cancel);
        }));
    }

    [Fact]
    public async Task A_broker_that_ends_and_comes_back_has_one_line_when_it_is_away_one_a_minute_and_one_when_it_is_back()
    {
        Assert.SkipWhen(RealKafkaServer.Missing is not null, RealKafkaServer.Missing ?? "");
        await using var server = new RealKafkaServer();
        await server.Start(Cancel);
        var received = new Received<int>();
        var log = new LogLines();
        using var host = await Start(server, "orders", received, log);
        var plugin = host.Services.GetRequiredService<StreamRider<KafkaPlugin>>().Plugin;
        await plugin.Produce(Record("orders", 1), Cancel);
        await received.AtLeast(1);

        var before = log.Of(LogLevel.Warning).Count;
        await server.Kill(0);
        var lost = plugin.Produce(Record("orders", 2), Cancel);
        await Eventually.True(
            () => Task.FromResult(log.All.Any(line => line.Contains("has not been reached for", StringComparison.Ordinal))), Limit,
            "the line of the first minute", Cancel);
        await Assert.ThrowsAsync<KafkaException>(() => lost);
        await server.Revive(0);
        await Eventually.True(
            () => Task.FromResult(log.Of(LogLevel.Information).Any(line => line.Contains("is back after", StringComparison.Ordinal))),
            Limit,
            "the line of the end", Cancel);
        await plugin.Produce(Record("orders", 3), Cancel);
        // What was read and not committed is read again.
        await Eventually.True(() => Task.FromResult(received.Items.Contains(3)), Limit, "what was written afterwards", Cancel);
        await host.StopAsync(Cancel);

        var lines = log.All.Where(line => line.StartsWith($"Kafka at {server.BootstrapServers} ", StringComparison.Ordinal)).ToList();
        Assert.Contains(" cannot be reached: ", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..^1], line => Assert.Contains(" has not been reached for ", line, StringComparison.Ordinal));
        Assert.Contains(" is back after ", lines[^1], StringComparison.Ordinal);
        Assert.Equal(lines[..^1], log.Of(LogLevel.Warning).Skip(before));
        Assert.Empty(log.Of(LogLevel.Error));
    }

    static OutgoingRecord Record(string topic, int number) => new(
        topic, System.Text.Encoding.UTF8.GetBytes($"key-{number % 50}"),
        System.Text.Encoding.UTF8.GetBytes($$"""{"place":"x","number":{{number}}}"""), new RecordHeaders(0));

    static KafkaSettings Settings(RealKafkaServer server) => new()
    {
        BootstrapServers = server.BootstrapServers,
        Consumer = { SessionTimeout = TimeSpan.FromSeconds(6) },
        Properties = { ["topic.metadata.refresh.interval.ms"] = "300" },
    };

    static async Task<IHost> Start(RealKafkaServer server, string topic, Received<int> received, LogLines log)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(new RiderHandler<Measured>(context => received.Add(context.Message.Number)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(Settings(server), (context, kafka) => kafka.TopicEndpoint<Measured>(
                    topic, $"{topic}-group", (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context)));
            });
            bus.UsingInMemory();
        });
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }
}
