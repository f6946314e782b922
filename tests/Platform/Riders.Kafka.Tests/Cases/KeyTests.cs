using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Keys as foreign programs write and read them.</summary>
public sealed class KeyTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    static readonly Guid Id = Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E");

    [Fact]
    public Task An_int_is_as_Confluent_writes_it() => Keeps(1_000_000_007, Serializers.Int32);

    [Fact]
    public Task A_long_is_as_Confluent_writes_it() => Keeps(-1_000_000_000_007L, Serializers.Int64);

    [Fact]
    public Task A_float_is_as_Confluent_writes_it() => Keeps(3.25f, Serializers.Single);

    [Fact]
    public Task A_double_is_as_Confluent_writes_it() => Keeps(-1e300, Serializers.Double);

    [Fact]
    public Task Bytes_stay_bytes() => Keeps<byte[]>([0, 255, 1], Serializers.ByteArray);

    [Fact]
    public Task A_text_is_utf8() => Keeps("Ünïcode", Serializers.Utf8);

    [Fact]
    public Task An_id_is_as_Java_writes_it() => Keeps(Id, new UuidSerializer());

    [Fact]
    public Task A_key_is_written_and_read_as_is_declared() =>
        Keeps(TimeSpan.FromSeconds(7), new SecondsSerializer(), key => [(byte)key.TotalSeconds], bytes => TimeSpan.FromSeconds(bytes[0]));

    [Fact]
    public async Task A_key_of_another_kind_is_a_dead_letter()
    {
        var topic = await NewTopic(1);
        await Start<Measured>(topic, context => Task.FromResult(context.GetKey<int>()));

        await Write(topic, "seven", Json("place", 7));

        Assert.Equal("Its key has 5 bytes, and Int32 has 4.", (await Read($"{topic}-dlq", 1))[0].Headers.Get(MessageHeaders.FaultMessage));
    }

    [Fact]
    public async Task A_tombstone_says_that_its_key_is_gone()
    {
        var topic = await NewTopic(1);
        var host = await Start(
            rider => rider.AddProducer<int, Measured>(topic), (_, _) => { });
        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<ITopicProducer<int, Measured>>().ProduceTombstone(7, Cancel);

        var record = (await Read(topic, 1))[0];

        Assert.Equal(RecordKey.ToBytes(7), record.Key);
        Assert.Null(record.Value);
    }

    /// <summary>Writes a key by the bus and by Confluent's client, and reads both by the bus.</summary>
    async Task Keeps<TKey>(TKey key, ISerializer<TKey> foreign, Func<TKey, byte[]>? write = null, Func<byte[], TKey>? read = null)
        where TKey : notnull
    {
        var topic = await NewTopic(8);
        var received = new Received<(TKey Key, int Partition, int Number)>();
        var host = await Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.AddProducer<TKey, Measured>(topic, producer =>
                {
                    if (write is not null)
                        producer.WriteKey(write);
                });
            },
            (context, factory) => factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
            {
                if (read is not null)
                    endpoint.ReadKey(read);
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            services => services.AddSingleton(new RiderHandler<Measured>(
                context =>
                    received.Add((context.GetKey<TKey>(), context.GetPayload<StreamRecord>().Partition.Number, context.Message.Number)))));

        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<ITopicProducer<TKey, Measured>>().Produce(key, new Measured("place", 1), Cancel);
        using (var producer = new ProducerBuilder<TKey, string>(
            new ProducerConfig { BootstrapServers = Broker.Server.BootstrapServers, Partitioner = Partitioner.Murmur2Random })
            .SetKeySerializer(foreign).Build())
            await producer.ProduceAsync(topic, new Message<TKey, string> { Key = key, Value = Json("place", 2) }, Cancel);

        var both = (await received.AtLeast(2)).OrderBy(one => one.Number).ToList();
        Assert.All(both, one => Assert.Equal(key, one.Key));
        // Where the bytes are the same, so is the partition.
        Assert.Equal(both[0].Partition, both[1].Partition);
    }

    sealed class UuidSerializer : ISerializer<Guid>
    {
        public byte[] Serialize(Guid data, SerializationContext context) => System.Text.Encoding.UTF8.GetBytes(data.ToString("D"));
    }

    sealed class SecondsSerializer : ISerializer<TimeSpan>
    {
        public byte[] Serialize(TimeSpan data, SerializationContext context) => [(byte)data.TotalSeconds];
    }
}
