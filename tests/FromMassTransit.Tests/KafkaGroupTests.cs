using System.Collections.Concurrent;
using System.Text.Json;
using Confluent.Kafka;

namespace MaestroBus.FromMassTransit.Tests;

/// <summary>
/// A member of the application's group that assigns partitions as the client does by default, and so as MassTransit's rider does.
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
        await using (var old = await Application.StartOld(place))
            await old.Stop();
        await using var application = await Application.StartNew(place);
        ConcurrentBag<Guid> byOld = [];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var assigned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var member = Task.Run(() => Consume(place, byOld, assigned, end.Token), Cancellation);
        await assigned.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        var transfers = await Transfer(place);
        await Eventually.True(
            () => Task.FromResult(byOld.Count + world.Payments.Count >= Transfers), TimeSpan.FromMinutes(1), "all transfers", Cancellation);
        await end.CancelAsync();
        await member;

        Assert.NotEmpty(byOld);
        Assert.NotEmpty(world.Payments);
        Assert.Equal(transfers.Order(), byOld.Concat(world.Payments).Order());

        // Alone again, it has all partitions.
        transfers.AddRange(await Transfer(place));
        await Eventually.True(
            () => Task.FromResult(byOld.Count + world.Payments.Count >= 2 * Transfers), TimeSpan.FromMinutes(1), "more transfers",
            Cancellation);
        Assert.Equal(transfers.Order(), byOld.Concat(world.Payments).Order());
    }

    static async Task<List<Guid>> Transfer(Place place)
    {
        List<Guid> transfers = [.. Enumerable.Range(0, Transfers).Select(_ => NewId.NextGuid())];
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = place.Kafka }).Build();
        foreach (var (order, index) in transfers.Select((order, index) => (order, index)))
            await producer.ProduceAsync(
                new TopicPartition(Servers.Transfers, index % 2),
                new Message<Null, string> { Value = JsonSerializer.Serialize(new BankTransfer(order), JsonSerializerOptions.Web) },
                Cancellation);
        return transfers;
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
