using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>What send pipes see of a record that is on its way, and change of it, as with MassTransit's rider.</summary>
public sealed class SendContextTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    [Fact]
    public async Task A_send_pipe_sees_the_key_and_sets_partition_and_headers()
    {
        var topic = await NewTopic(8);
        var seen = new Received<(string Key, bool IsTyped)>();
        var host = await Start(
            rider => rider.AddProducer<string, Measured>(topic),
            (_, factory) => factory.ConfigureSend(send => send.UseExecute(context =>
            {
                Assert.True(context.TryGetPayload(out KafkaSendContext<string, Measured>? kafka));
                seen.Add((kafka.Key, context is KafkaSendContext<Measured>)).GetAwaiter().GetResult();
                kafka.Partition = 5;
                kafka.Headers.Set("stamp", "seen");
            })));

        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<ITopicProducer<string, Measured>>().Produce(
                "roof", new Measured("place", 1), Cancel);

        var record = (await Read(topic, 1))[0];
        Assert.Equal([("roof", true)], seen.Items);
        Assert.Equal((5, "seen", "roof"), (record.Partition.Number, record.Headers.Get("stamp"), Text(record.Key)));
    }

    [Fact]
    public async Task The_pipe_of_a_call_sets_key_partition_headers_and_serializers()
    {
        var topic = await NewTopic(8);
        var host = await Start(rider => rider.AddProducer<int, Measured>(topic), (_, _) => { });

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<int, Measured>>();
            await producer.Produce(7, new Measured("place", 1), Pipe.Execute<KafkaSendContext<int, Measured>>(context =>
            {
                context.Key += 1;
                context.Partition = 2;
                context.Headers.Set("stamp", "set");
            }), Cancel);
            await producer.Produce(7, new Measured("place", 2), Pipe.Execute<KafkaSendContext<int, Measured>>(context =>
            {
                context.KeySerializer = new One<int>([9]);
                context.ValueSerializer = new One<Measured>([1, 2, 3]);
                context.ContentType = new System.Net.Mime.ContentType("application/x-own");
                context.Partition = 3;
            }), Cancel);
            await producer.Produce(7, new Measured("place", 3), Pipe.Execute<KafkaSendContext<int, Measured>>(context =>
            {
                context.ValueSerializer = new One<Measured>(null);
                context.Partition = 4;
            }), Cancel);
        }

        var records = (await Read(topic, 3)).OrderBy(record => record.Partition.Number).ToList();
        Assert.Equal([2, 3, 4], records.Select(record => record.Partition.Number));
        Assert.Equal(RecordKey.ToBytes(8), records[0].Key);
        Assert.Equal(Json("place", 1), Text(records[0].Value));
        Assert.Equal("set", records[0].Headers.Get("stamp"));
        Assert.Equal([9], records[1].Key);
        Assert.Equal([1, 2, 3], records[1].Value);
        Assert.Equal("application/x-own", records[1].Headers.Get(MessageHeaders.ContentType));
        Assert.Equal(RecordKey.ToBytes(7), records[2].Key);
        Assert.Null(records[2].Value);
    }

    [Fact]
    public async Task A_key_resolver_gives_messages_their_keys()
    {
        var topic = await NewTopic(1);
        var id = NewId.NextGuid();
        var host = await Start(rider => rider.AddProducer<Guid, Keyed>(topic, context => context.Message.Id), (_, _) => { });

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<Keyed>>();
            await producer.Produce(
                new { Id = id, Place = "roof" }, Pipe.Execute<KafkaSendContext<Keyed>>(context => context.Headers.Set("stamp", "set")),
                Cancel);
            await producer.Produce("another", new Keyed { Id = id, Place = "cellar" }, Cancel);
        }

        var records = await Read(topic, 2);
        Assert.Equal([RecordKey.ToBytes(id), "another"u8.ToArray()], records.Select(record => record.Key!));
        Assert.Equal("set", records[0].Headers.Get("stamp"));
    }

    [Fact]
    public async Task A_producer_is_found_by_a_topics_name_with_what_is_declared_of_it()
    {
        var (declared, other) = (await NewTopic(1), await NewTopic(1));
        var host = await Start(
            rider => rider.AddProducer<string, Measured>(
                declared, (_, producer) => producer.SetValueSerializer(new One<Measured>([4, 2]))),
            (_, _) => { });

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var provider = scope.ServiceProvider.GetRequiredService<ITopicProducerProvider>();
            await provider.GetProducer<string, Measured>(new Uri($"topic:{declared}")).Produce("roof", new Measured("place", 1), Cancel);
            await provider.GetProducer<Measured>(new Uri($"topic:{other}")).Produce(new Measured("place", 2), Cancel);
            await host.Services.GetRequiredService<IKafkaRider>().GetProducer<string, Measured>(new Uri($"topic:{other}"))
                .Produce("roof", new Measured("place", 3), Cancel);
            Assert.Contains(
                "topic:NAME", Assert.Throws<ArgumentException>(() => provider.GetProducer<Measured>(new Uri("queue:orders"))).Message);
        }

        Assert.Equal([4, 2], (await Read(declared, 1))[0].Value);
        Assert.Equal([Json("place", 2), Json("place", 3)], (await Read(other, 2)).Select(record => Text(record.Value)));
    }

    [Fact]
    public async Task A_tombstone_has_no_partition_where_the_message_chooses_it()
    {
        var topic = await NewTopic(2);
        var host = await Start(
            rider => StreamRiderExtensions.AddProducer<KafkaPlugin, string, Measured>(
                rider, topic, producer => producer.Partition(message => message.Number)),
            (_, _) => { });

        await using var scope = host.Services.CreateAsyncScope();
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => scope.ServiceProvider.GetRequiredService<ITopicProducer<string, Measured>>().ProduceTombstone("roof", Cancel));

        Assert.Contains("chooses the partition by the message", refusal.Message);
    }

    /// <summary>Has its key in it.</summary>
    public sealed record Keyed
    {
        public Guid Id { get; init; }

        public string Place { get; init; } = "";
    }

    /// <summary>Writes the same each time.</summary>
    sealed class One<T>(byte[]? bytes) : IAsyncSerializer<T>
    {
        public Task<byte[]> SerializeAsync(T data, SerializationContext context) => Task.FromResult(bytes!);
    }
}
