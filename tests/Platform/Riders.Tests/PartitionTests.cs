using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Riders.Tests;

/// <summary>Partitions that come and go whenever the consumer is asked for records.</summary>
public sealed class PartitionTests(ScriptedBroker broker) : RiderScenario<ScriptedBroker>(broker)
{
    static readonly StreamPartition Stays = new("orders", 0);
    static readonly StreamPartition Goes = new("orders", 1);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task What_goes_while_it_is_received_is_not_begun_nor_acknowledged_nor_in_hand(bool isLost, bool isTransactional)
    {
        const int rounds = 20;
        var (turn, offset, asked) = (0, 0, new Received<int>());
        var received = new Received<int>();
        Broker.Plugin = new ScriptedPlugin((partitions, max) =>
        {
            asked.Add(max);
            if (max == 0 || offset >= rounds)
                return [];
            if (turn++ == 0)
                partitions.Assigned([Stays]);

            partitions.Assigned([Goes]);
            if (isLost)
                partitions.Lost([Goes]);
            else
                partitions.Revoked([Goes], _ => { });

            var taken = new[] { Record(Goes, offset, -1), Record(Stays, offset, offset) };
            offset++;
            return taken;
        });

        await Start<Measured>("orders", context => received.Add(context.Message.Number), endpoint =>
        {
            endpoint.PrefetchCount = 4;
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.Transactional = isTransactional;
        });

        Assert.Equal(Enumerable.Range(0, rounds), await received.AtLeast(rounds));
        await Eventually.True(
            () => Task.FromResult(Broker.Plugin.Acknowledged.Items is [.., { Offset: rounds - 1 }]), Limit, "the acknowledgement", Cancel);
        Assert.All(Broker.Plugin.Acknowledged.Items, record => Assert.Equal(Stays, record.Partition));
        Assert.Equal(rounds, received.Items.Count);
        if (!isTransactional)
            await Eventually.True(() => Task.FromResult(asked.Items[^1] == 4), Limit, "room for as many as at the beginning", Cancel);
    }

    [Fact]
    public async Task Readiness_tells_why_nothing_is_read_and_why_nothing_can_be_written()
    {
        Broker.Plugin = new ScriptedPlugin((_, _) => []) { Problem = "The broker does not let it." };
        var host = await Start<Measured>("orders", _ => Task.CompletedTask);

        // Until reading begins, that is the reason.
        await Eventually.True(
            async () => await Health(host) is { Status: HealthStatus.Unhealthy, Description: { } text } && text.Contains(
                $"orders is not read by the group '{Group}': The broker does not let it.", StringComparison.Ordinal),
            Limit, "the refusal", Cancel);

        Broker.Plugin.Problem = null;
        await Eventually.True(async () => (await Health(host)).Status == HealthStatus.Healthy, Limit, "readiness", Cancel);
        Broker.Plugin.WriterProblem = "Its writer does not work.";
        Assert.Contains("Its writer does not work.", (await Health(host)).Description);
    }

    [Fact]
    public async Task Readiness_tells_of_a_rider_that_has_not_started()
    {
        Broker.Plugin = new ScriptedPlugin((_, _) => []);
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider => Broker.Use(rider, (_, _) => { }));
            bus.UsingInMemory();
        });
        using var host = builder.Build();

        var health = await Health(host);

        Assert.Equal((HealthStatus.Unhealthy, "The scripted rider has not started yet."), (health.Status, health.Description));
    }

    [Fact]
    public async Task A_transaction_that_fails_is_read_again_from_its_own_first_records()
    {
        var turn = 0;
        var received = new Received<int>();
        Broker.Plugin = new ScriptedPlugin((partitions, max) =>
        {
            if (max == 0)
                return [];
            switch (turn++)
            {
                case 0:
                    partitions.Assigned([Stays, Goes]);
                    return [Record(Goes, 3, 3), Record(Stays, 7, 7), Record(Stays, 8, 8)];
                case 1:
                    return [Record(Stays, 7, 7), Record(Stays, 8, 8), Record(Goes, 3, 3)];
                default:
                    return [];
            }
        });

        await Start<Measured>("orders", async context =>
        {
            await received.Add(context.Message.Number);
            // What cannot be put aside, as there is nobody to be told.
            if (received.Items.Count(number => number == 8) == 1 && context.Message.Number == 8)
                throw new TransportException(new Uri("scripted://orders"), "The broker is away.");
        }, endpoint =>
        {
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.Transactional = true;
        });

        await Eventually.True(() => Task.FromResult(Broker.Plugin.Acknowledged.Items.Count == 2), Limit, "the commit", Cancel);
        Assert.Equal([(0, 7L), (1, 3L)], Broker.Plugin.Aborted.Items.Select(record => (record.Partition.Number, record.Offset)).Order());
        Assert.Equal(
            [(0, 8L), (1, 3L)], Broker.Plugin.Acknowledged.Items.Select(record => (record.Partition.Number, record.Offset)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_partitions_that_are_counted_are_those_that_it_has_whatever_is_told_of_others(bool isLost)
    {
        var (turn, count) = (0, 0L);
        using var listener = Listen("bus.riders.partitions", value => Interlocked.Add(ref count, value));
        Broker.Plugin = new ScriptedPlugin((partitions, _) =>
        {
            if (turn++ > 0)
                return [];
            partitions.Assigned([Stays]);
            if (isLost)
                partitions.Lost([Goes]);
            else
                partitions.Revoked([Goes], _ => { });
            partitions.Assigned([]);
            return [];
        });

        var host = await Start<Measured>("orders", _ => Task.CompletedTask);
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref turn) > 1), Limit, "the next turn", Cancel);
        Assert.Equal(1, Interlocked.Read(ref count));

        // This consumer does not tell that they go when it ends.
        await Stop(host);
        Assert.Equal(0, Interlocked.Read(ref count));
    }

    MeterListener Listen(string name, Action<long> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "group", Value: string group } && group == Group)
                    measured(value);
            }
        });
        listener.Start();
        return listener;
    }

    static TimeSpan Limit => TimeSpan.FromMinutes(1);

    static async Task<HealthReportEntry> Health(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Entries["scripted"];

    static StreamRecord Record(StreamPartition partition, long offset, int number) => new(
        partition, offset, Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes(Json("place", number)), new RecordHeaders(0),
        DateTimeOffset.UnixEpoch);
}
