using System.Text;
using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Topics whose keys and values have types and serializers of their own, as one configures them for MassTransit's rider.</summary>
public sealed class TypedTopicTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    static readonly QueuePolicy Retrying = new()
    {
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromMilliseconds(100),
        MaxRetryDelay = TimeSpan.FromSeconds(1),
    };

    [Fact]
    public async Task A_typed_endpoint_shows_consumers_the_key_and_the_place_of_a_record()
    {
        var topic = await NewTopic(1);
        var received = new Received<(
            int Key, int GetKey, string Topic, string Group, int Partition, long Offset, int? ByMethod, long? OffsetByMethod)>();
        var host = await Start(
            rider => rider.AddProducer<int, Measured>(topic),
            (context, factory) => Kafka(factory).TopicEndpoint<int, Measured>(
                topic, Group, endpoint => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context)),
            context =>
            {
                Assert.True(context.TryGetPayload(out KafkaConsumeContext<int>? kafka));
                Assert.False(context.TryGetPayload(out KafkaConsumeContext<string>? _));
                return received.Add((
                    kafka.Key, context.GetKey<int>(), kafka.Topic, kafka.GroupId, kafka.Partition, kafka.Offset, context.Partition(),
                    context.Offset()));
            });

        await Produce(host, 7, new Measured("place", 1));

        Assert.Equal((7, 7, topic, Group, 0, 0L, 0, 0L), (await received.AtLeast(1))[0]);
    }

    [Fact]
    public async Task Declared_serializers_write_and_read_records_and_what_is_tried_again_or_fails_keeps_its_bytes()
    {
        var topic = await NewTopic(1);
        var received = new Received<(Grade Key, Measured Message, int Attempt)>();
        var host = await Start(
            rider => rider.AddProducer<Grade, Measured>(topic, (_, producer) =>
            {
                producer.SetKeySerializer(new GradeSerializer());
                producer.SetValueSerializer(new LineSerializer().AsAsync());
            }),
            (context, factory) => Kafka(factory).TopicEndpoint<Grade, Measured>(topic, Group, endpoint =>
            {
                endpoint.SetKeyDeserializer(new GradeSerializer());
                endpoint.SetValueDeserializer(new LineSerializer());
                endpoint.UseRetryTopics(Retrying);
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            async context =>
            {
                var attempt = FailureHeaders.FailuresOf(context.Headers).Attempts;
                await received.Add((context.GetKey<Grade>(), context.Message, attempt));
                if (context.Message.Number == 2 || attempt == 0)
                    throw new InvalidOperationException("Not now.");
            });

        await Produce(host, new Grade('A'), new Measured("roof", 1));
        await Produce(host, new Grade('B'), new Measured("cellar", 2));

        var record = (await Read(topic, 2))[0];
        Assert.Equal("A", Text(record.Key));
        Assert.Equal("roof|1", Text(record.Value));
        Assert.Equal("application/octet-stream", record.Headers.Get(MessageHeaders.ContentType));
        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Equal(
            ("B", "cellar|2", "Not now."), (Text(letter.Key), Text(letter.Value), letter.Headers.Get(MessageHeaders.FaultMessage)));
        var all = await received.AtLeast(5);
        Assert.Equal(
            [0, 1], all.Where(one => one.Message == new Measured("roof", 1) && one.Key == new Grade('A')).Select(one => one.Attempt));
        Assert.Equal(
            [0, 1, 2], all.Where(one => one.Message == new Measured("cellar", 2) && one.Key == new Grade('B')).Select(one => one.Attempt));
    }

    [Fact]
    public async Task A_program_with_the_same_serializers_writes_and_reads_the_topic_too()
    {
        var topic = await NewTopic(8);
        var received = new Received<(Grade Key, Measured Message, int? Partition)>();
        var host = await Start(
            rider => rider.AddProducer<Grade, Measured>(topic, (_, producer) =>
            {
                producer.SetKeySerializer(new GradeSerializer());
                producer.SetValueSerializer(new LineSerializer());
            }),
            (context, factory) => Kafka(factory).TopicEndpoint<Grade, Measured>(topic, Group, endpoint =>
            {
                endpoint.SetKeyDeserializer(new GradeSerializer());
                endpoint.SetValueDeserializer(new LineSerializer());
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            context => received.Add((context.GetKey<Grade>(), context.Message, context.Partition())));

        using (var producer = new ProducerBuilder<Grade, Measured>(
            new ProducerConfig { BootstrapServers = Broker.Server.BootstrapServers, Partitioner = Partitioner.Murmur2Random })
            .SetKeySerializer(new GradeSerializer()).SetValueSerializer(new LineSerializer()).Build())
            await producer.ProduceAsync(
                topic, new Message<Grade, Measured> { Key = new Grade('C'), Value = new Measured("roof", 3) }, Cancel);
        await Produce(host, new Grade('C'), new Measured("roof", 4));

        var both = (await received.AtLeast(2)).OrderBy(one => one.Message.Number).ToList();
        Assert.Equal(
            [(new Grade('C'), new Measured("roof", 3)), (new Grade('C'), new Measured("roof", 4))],
            both.Select(one => (one.Key, one.Message)));
        Assert.Equal(both[0].Partition, both[1].Partition);
        using var consumer = new ConsumerBuilder<Grade, Measured>(
            new ConsumerConfig
            {
                BootstrapServers = Broker.Server.BootstrapServers,
                GroupId = $"{Group}-foreign",
                AutoOffsetReset = AutoOffsetReset.Earliest,
            })
            .SetKeyDeserializer(new GradeSerializer()).SetValueDeserializer(new LineSerializer()).Build();
        consumer.Subscribe(topic);
        Assert.Equal(
            [new Measured("roof", 3), new Measured("roof", 4)],
            Enumerable.Range(0, 2).Select(_ => consumer.Consume(Limit).Message.Value).OrderBy(message => message.Number));
        consumer.Close();
    }

    [Fact]
    public async Task What_a_declared_deserializer_refuses_is_unreadable_and_what_it_cannot_reach_is_tried_again()
    {
        var topic = await NewTopic(1);
        var received = new Received<Measured>();
        var registry = new Flaky();
        await Start(
            _ => { },
            (context, factory) => Kafka(factory).TopicEndpoint<Ignore, Measured>(topic, Group, endpoint =>
            {
                endpoint.SetValueDeserializer(registry);
                endpoint.UseRetryTopics(Retrying);
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            context => received.Add(context.Message));

        await Write(topic, "key", "no separator");
        await Write(topic, "key", "away|5");

        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Equal((DeadLetterReason.Unreadable, "no separator"), (letter.Headers.Get(MessageHeaders.Reason), Text(letter.Value)));
        Assert.Contains("as its endpoint declares", letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Equal([new Measured("away", 5)], await received.AtLeast(1));
        Assert.True(registry.Refusals >= 1);
    }

    [Fact]
    public async Task A_tombstone_is_a_message_where_the_deserializer_makes_one_and_stays_one_in_the_dead_letters()
    {
        var topic = await NewTopic(1);
        var received = new Received<(string Key, Measured Message)>();
        var host = await Start(
            rider => rider.AddProducer<string, Measured>(topic),
            (context, factory) => Kafka(factory).TopicEndpoint<string, Measured>(topic, Group, endpoint =>
            {
                endpoint.SetValueDeserializer(new GoneDeserializer());
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            async context =>
            {
                await received.Add((context.GetKey<string>(), context.Message));
                if (context.GetKey<string>() == "stuck")
                    throw new InvalidOperationException("It stays.");
            });

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<string, Measured>>();
            await producer.ProduceTombstone("roof", Cancel);
            await producer.ProduceTombstone("stuck", Cancel);
        }

        Assert.Equal(
            [("roof", GoneDeserializer.Gone), ("stuck", GoneDeserializer.Gone)], (await received.AtLeast(2)).OrderBy(record => record.Key));
        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Null(letter.Value);
        Assert.Equal(("stuck", "It stays."), (Text(letter.Key), letter.Headers.Get(MessageHeaders.FaultMessage)));
    }

    [Fact]
    public async Task A_client_configuration_of_one_endpoint_is_used_and_what_the_rider_decides_is_refused()
    {
        var topic = await NewTopic(1);
        await Write(topic, "key", Json("place", 1));
        var received = new Received<int>();
        var host = await Start(
            rider => rider.AddProducer<string, Measured>(topic),
            (context, factory) => Kafka(factory).TopicEndpoint<Measured>(
                topic,
                new ConsumerConfig
                {
                    GroupId = Group,
                    AutoOffsetReset = AutoOffsetReset.Latest,
                    PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range,
                },
                endpoint => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context)),
            context => received.Add(context.Message.Number));
        await Ready(host);
        await Produce(host, "key", new Measured("place", 2));

        Assert.Equal([2], await received.AtLeast(1));
        var group = (await Admin.DescribeConsumerGroupsAsync([Group])).ConsumerGroupDescriptions[0];
        Assert.Equal("range", group.PartitionAssignor);

        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddRider(rider => rider.UsingKafka(Broker.Settings, (_, kafka) =>
            {
                kafka.TopicEndpoint<Measured>(topic, new ConsumerConfig { GroupId = Group, EnableAutoCommit = false }, _ => { });
                kafka.TopicEndpoint<Measured>(topic, $"{Group}-2", endpoint => endpoint.Properties["no.such.thing"] = "1");
                kafka.TopicEndpoint<Grade, Measured>(topic, $"{Group}-3", _ => { });
                kafka.TopicEndpoint<Measured>(topic, $"{Group}-4", endpoint => endpoint.AutoOffsetReset = AutoOffsetReset.Error);
            }));
            bus.UsingInMemory();
        });
        using var refused = builder.Build();
        var refusal = await Assert.ThrowsAsync<ConfigurationException>(() => refused.StartAsync(Cancel));
        var text = refusal.GetBaseException().Message;
        Assert.Contains("enable.auto.commit is the rider's own", text);
        Assert.Contains("no.such.thing", text);
        Assert.Contains("Keys of the type Grade are not known", text);
        Assert.Contains("AutoOffsetReset is Error", text);
    }

    [Fact]
    public async Task An_endpoint_is_connected_at_run_time_with_typed_keys_and_the_riders_settings_and_stopped_again()
    {
        var topic = await NewTopic(1);
        await Write(topic, "past", Json("place", 1));
        var received = new Received<(string Key, int Number)>();
        var settings = Broker.Settings;
        settings.Consumer.OffsetReset = AutoOffsetReset.Latest;
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(
            new RiderHandler<Measured>(context => received.Add((context.GetKey<string>(), context.Message.Number))));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(settings, (_, _) => { });
            });
            bus.UsingInMemory();
        });
        var host = await Start(builder);

        var handle = host.Services.GetRequiredService<IKafkaRider>().ConnectTopicEndpoint<string, Measured>(
            topic, Group, (context, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context));
        await handle.Ready;
        await Ready(host);
        await Write(topic, "now", Json("place", 2));
        Assert.Equal([("now", 2)], await received.AtLeast(1));

        await handle.StopAsync(Cancel);
        await Eventually.True(
            async () => (await Admin.DescribeConsumerGroupsAsync([Group])).ConsumerGroupDescriptions[0].Members.Count == 0,
            Limit, "the group without members", Cancel);
    }

    static IKafkaFactoryConfigurator Kafka(IStreamFactoryConfigurator factory) => (IKafkaFactoryConfigurator)factory;

    Task<IHost> Start(
        Action<IRiderRegistrationConfigurator> register, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure,
        Func<ConsumeContext<Measured>, Task> handle) =>
        Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                register(rider);
            },
            configure,
            services => services.AddSingleton(new RiderHandler<Measured>(handle)));

    static async Task Produce<TKey>(IHost host, TKey key, Measured message)
        where TKey : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ITopicProducer<TKey, Measured>>().Produce(key, message, Cancel);
    }

    /// <summary>A key that nobody knows how to write.</summary>
    readonly record struct Grade(char Letter);

    sealed class GradeSerializer : ISerializer<Grade>, IDeserializer<Grade>
    {
        public byte[] Serialize(Grade data, SerializationContext context) => [(byte)data.Letter];

        public Grade Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => new((char)data[0]);
    }

    /// <summary>A format of its own: the place, a bar, the number.</summary>
    sealed class LineSerializer : ISerializer<Measured>, IDeserializer<Measured>
    {
        public byte[] Serialize(Measured data, SerializationContext context) => Encoding.UTF8.GetBytes($"{data.Place}|{data.Number}");

        public Measured Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            var parts = Encoding.UTF8.GetString(data).Split('|');
            return new Measured(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        public IAsyncSerializer<Measured> AsAsync() => new Async(this);

        sealed class Async(LineSerializer inner) : IAsyncSerializer<Measured>
        {
            public async Task<byte[]> SerializeAsync(Measured data, SerializationContext context)
            {
                await Task.Yield();
                return inner.Serialize(data, context);
            }
        }
    }

    /// <summary>Needs something that is away the first time it is asked.</summary>
    sealed class Flaky : IDeserializer<Measured>
    {
        readonly LineSerializer _inner = new();

        public int Refusals { get; private set; }

        public Measured Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            var message = _inner.Deserialize(data, isNull, context);
            if (Refusals == 0)
            {
                Refusals++;
                throw new HttpRequestException("The registry is away.");
            }

            return message;
        }
    }

    /// <summary>Makes a message of a record without a value.</summary>
    sealed class GoneDeserializer : IDeserializer<Measured>
    {
        public static Measured Gone { get; } = new("gone", 0);

        public Measured Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
            isNull ? Gone : throw new InvalidOperationException("Only records without a value are written.");
    }
}
