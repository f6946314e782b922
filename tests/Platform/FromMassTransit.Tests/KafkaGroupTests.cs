using System.Collections.Concurrent;
using System.Text.Json;
using Confluent.Kafka;
using Maestro.Bus.Riders;
using Maestro.Bus.Riders.Kafka;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>
/// Groups that have, or had, a member which assigns partitions as the client does by default, and so as MassTransit's rider does.
/// </summary>
[Collection("applications")]
public sealed class KafkaGroupTests(Servers servers)
{
    const int Transfers = 20;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_new_application_shares_a_group_with_the_old_one()
    {
        var place = await Place.Create(servers);
        await using var world = await World.Start(place);
        await using var application = await Application.StartNew(place);
        ConcurrentBag<Guid> byOld = [];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var assigned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var member = Task.Run(() => Consume(place, byOld, assigned, end.Token), Cancellation);
        await assigned.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        var transfers = await Transfer(Servers.Transfers);
        await Eventually.True(
            () => Task.FromResult(byOld.Count + world.Payments.Count >= Transfers), TimeSpan.FromMinutes(1), "all transfers", Cancellation);
        await end.CancelAsync();
        await member;

        Assert.NotEmpty(byOld);
        Assert.NotEmpty(world.Payments);
        Assert.Equal(transfers.Order(), byOld.Concat(world.Payments).Order());

        // Alone again, it has all partitions.
        transfers.AddRange(await Transfer(Servers.Transfers));
        await Eventually.True(
            () => Task.FromResult(byOld.Count + world.Payments.Count >= 2 * Transfers), TimeSpan.FromMinutes(1), "more transfers",
            Cancellation);
        Assert.Equal(transfers.Order(), byOld.Concat(world.Payments).Order());
    }

    [Fact]
    public async Task A_group_that_the_old_application_has_left_goes_on_and_another_begins_at_its_time()
    {
        Assert.SkipWhen(servers.Kafka.IsMock, "A mock cluster does not find records by their time.");
        var (topic, group) = ($"transfers-{NewId.NextGuid():n}", $"orders-{NewId.NextGuid():n}");
        var time = TimeProvider.System.GetUtcNow();
        await servers.Kafka.CreateTopic(topic, 2);
        await Transfer(topic, time.AddHours(-1));
        ReadAndLeave(topic, group);
        var transfers = await Transfer(topic, time);

        var (goneOn, begun) = (new ConcurrentBag<Guid>(), new ConcurrentBag<Guid>());
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.UsingInMemory();
            x.AddRider(rider => rider.UsingKafka((_, kafka) =>
            {
                kafka.Host(servers.Kafka.BootstrapServers);
                kafka.TopicEndpoint<string, BankTransfer>(topic, group, endpoint => Keep(endpoint, goneOn));
                kafka.TopicEndpoint<string, BankTransfer>(topic, $"{group}-new", endpoint =>
                {
                    endpoint.Start = StreamPosition.At(time);
                    Keep(endpoint, begun);
                });
            }));
        });
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        await Eventually.True(
            () => Task.FromResult(goneOn.Count >= Transfers && begun.Count >= Transfers), TimeSpan.FromMinutes(1),
            "the transfers of both groups", Cancellation);
        await host.StopAsync(Cancellation);

        Assert.Equal(transfers.Order(), goneOn.Order());
        Assert.Equal(transfers.Order(), begun.Order());
    }

    static void Keep(IReceiveEndpointConfigurator endpoint, ConcurrentBag<Guid> orders) => endpoint.Handler<BankTransfer>(context =>
    {
        orders.Add(context.Message.OrderId);
        return Task.CompletedTask;
    });

    async Task<List<Guid>> Transfer(string topic, DateTimeOffset? time = null)
    {
        List<Guid> transfers = [.. Enumerable.Range(0, Transfers).Select(_ => NewId.NextGuid())];
        using var producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = servers.Kafka.BootstrapServers }).Build();
        foreach (var (order, index) in transfers.Select((order, index) => (order, index)))
            await producer.ProduceAsync(
                new TopicPartition(topic, index % 2),
                new Message<Null, string>
                {
                    Value = JsonSerializer.Serialize(new BankTransfer(order), JsonSerializerOptions.Web),
                    Timestamp = time is { } written ? new Timestamp(written) : Timestamp.Default,
                },
                Cancellation);
        return transfers;
    }

    void ReadAndLeave(string topic, string group)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(
            new ConsumerConfig
            {
                BootstrapServers = servers.Kafka.BootstrapServers,
                GroupId = group,
                AutoOffsetReset = AutoOffsetReset.Earliest,
            }).Build();
        consumer.Subscribe(topic);
        for (var read = 0; read < Transfers; read++)
            consumer.Consume(Cancellation);
        consumer.Close();
    }

    static void Consume(Place place, ConcurrentBag<Guid> orders, TaskCompletionSource assigned, CancellationToken cancellationToken)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(
            new ConsumerConfig { BootstrapServers = place.Kafka, GroupId = "orders", AutoOffsetReset = AutoOffsetReset.Earliest })
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                if (partitions.Count == 1)
                    assigned.TrySetResult();
            })
            .Build();
        consumer.Subscribe(Servers.Transfers);

        try
        {
            while (true)
            {
                var record = consumer.Consume(cancellationToken);
                orders.Add(JsonSerializer.Deserialize<BankTransfer>(record.Message.Value, JsonSerializerOptions.Web)!.OrderId);
            }
        }
        catch (OperationCanceledException)
        {
            consumer.Close();
        }
    }
}
