using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Whatever can be in a record, and whatever a topic takes.</summary>
public sealed class RecordTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    [Fact]
    public async Task A_record_of_any_time_is_handled_and_keeps_its_number_in_the_dead_letters()
    {
        const long microseconds = 1_795_928_413_000_000;
        const long nanoseconds = 1_795_928_413_000_000_000;
        var topic = await NewTopic(1, ("message.timestamp.after.max.ms", $"{long.MaxValue}"));
        var received = new Received<int>();
        using (var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = Broker.Server.BootstrapServers }).Build())
        {
            foreach (var (number, time) in new[] { (1, 1_795_928_413_000), (2, microseconds), (3, nanoseconds), (4, 1_795_928_413_000) })
                await producer.ProduceAsync(topic, new Message<string, string>
                {
                    Key = "key",
                    Value = number == 3 ? "broken" : Json("place", number),
                    Timestamp = new Timestamp(time, TimestampType.CreateTime),
                }, Cancel);
        }

        await Start<Measured>(topic, context => received.Add(context.Message.Number));

        Assert.Equal([1, 2, 4], await received.AtLeast(3));
        Assert.Equal($"{nanoseconds}", (await Read($"{topic}-dlq", 1))[0].Headers.Get(StreamHeaders.Timestamp));
    }

    [Fact]
    public async Task A_header_without_a_value_stays_one_and_bytes_stay_bytes_in_what_follows()
    {
        var (topic, results) = (await NewTopic(1), await NewTopic(1));
        using (var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = Broker.Server.BootstrapServers }).Build())
        {
            foreach (var value in new[] { "broken", Json("place", 1) })
                await producer.ProduceAsync(topic, new Message<string, string>
                {
                    Key = "key",
                    Value = value,
                    Headers = [new Header("none", null), new Header("bin", [255, 1])],
                }, Cancel);
        }

        await Start(
            rider =>
            {
                rider.AddConsumer<Relay<RecordTests>>();
                Broker.AddProducer<Concluded>(rider, results);
            },
            (context, factory) =>
                factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) => endpoint.ConfigureConsumer<Relay<RecordTests>>(context)),
            services => services.AddSingleton<Action<int>>(_ => { }));

        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Contains(letter.Headers, header => header.Key == "none" && header.Value is null);
        Assert.Equal([255, 1], letter.Headers.GetBytes("bin"));
        Assert.Equal([255, 1], (await Read(results, 1))[0].Headers.GetBytes("bin"));
    }

    [Fact]
    public async Task Records_that_are_too_large_together_are_written_one_by_one_and_in_their_order()
    {
        var topic = await NewTopic(1, ("max.message.bytes", "20000"));
        var log = new LogLines();
        var settings = Broker.Settings;
        settings.Producer.Linger = TimeSpan.FromMilliseconds(50);
        await using var plugin = new KafkaPlugin(settings, new PluginLog(log));

        await Task.WhenAll(
            Enumerable.Range(0, 200).Select(number => plugin.Produce(Record(topic, "key", $"{number} {new string('x', 1_000)}"), Cancel)));

        var numbers = (await Read(topic, 200)).Select(
            record => int.Parse(Text(record.Value).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(0, 200), numbers);
        Assert.Contains($"The topic {topic} takes less at once", Assert.Single(log.Of(LogLevel.Warning)));
        var refusal = await Assert.ThrowsAsync<MessageTooLargeException>(
            () => plugin.Produce(Record(topic, "key", new string('x', 30_000)), Cancel));
        Assert.Contains($"'{topic}'", refusal.Message);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(30_000, false)]
    public async Task Failures_of_a_transaction_that_their_topic_does_not_take_hold_up_nothing(int size, bool isWhole)
    {
        var count = isWhole ? 60 : 5;
        var topic = await NewTopic(1);
        await Create($"{topic}-dlq", 1, ("max.message.bytes", "20000"));
        await using (var plugin = Broker.CreatePlugin())
            await Task.WhenAll(Enumerable.Range(0, count).Select(
                number => plugin.Produce(Record(topic, $"key-{number}", $"{number} {new string('x', size)}"), Cancel)));
        await Write(topic, "key", Json("place", 7));
        var received = new Received<int>();

        await Start<Measured>(topic, context => received.Add(context.Message.Number), endpoint => endpoint.Transactional = true);

        // The client may lose sight of a record that was refused, which then takes the 30 s of its transaction, whole and shortened.
        var letters = await Read($"{topic}-dlq", count, 3 * Limit);
        Assert.Equal(count, letters.Select(letter => letter.Headers.Get(StreamHeaders.Offset)).Distinct().Count());
        Assert.All(letters, letter => Assert.Equal(isWhole, letter.Value!.Length > size));
        await received.AtLeast(1);
    }

    [Fact]
    public async Task What_is_written_after_a_transaction_that_was_given_up_comes_to_its_topic()
    {
        const int rounds = 5;
        const int count = 5;
        var (topic, results) = (await NewTopic(1), await NewTopic(1, ("max.message.bytes", "20000")));
        await WriteMany(topic, 1);
        var settings = Broker.Settings;
        // So long is a record waited for that the client has lost sight of.
        settings.Consumer.TransactionTimeout = 5 * Limit;
        await using var plugin = new KafkaPlugin(settings, new PluginLog(new LogLines()));
        await using var consumer = plugin.Consume(
            new StreamSubscription([topic], Group, StreamPosition.Earliest, 10, IsTransactional: true), NoPartitions.Instance);
        await Receive(consumer, 1);

        for (var round = 0; round < rounds; round++)
        {
            var given = consumer.Begin();
            await Assert.ThrowsAnyAsync<Exception>(() => WriteTo(given, new string('x', 30_000)));
            given.Abort([]);
            var next = consumer.Begin();
            await WriteTo(next, "short");
            next.Commit([]);
        }

        Assert.Equal(rounds * count, (await Read(results, rounds * count)).Count);

        Task WriteTo(IStreamTransaction transaction, string value) => Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => transaction.Produce(Record(results, "key", value), Cancel))).WaitAsync(Limit, Cancel);
    }

    [Fact]
    public async Task A_transaction_is_closed_in_good_time_and_the_rest_is_left_to_the_next()
    {
        const int count = 20;
        var (topic, results) = (await NewTopic(1), await NewTopic(1));
        await WriteMany(topic, count);
        var handled = 0;
        var settings = Broker.Settings;
        // Shorter than all records take, and long enough that a busy machine does not end the work on one.
        settings.Consumer.TransactionTimeout = TimeSpan.FromSeconds(12);
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Action<int>>(_ => { });
        builder.Services.AddSingleton(new Slow(TimeSpan.FromMilliseconds(300), () => Interlocked.Increment(ref handled)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<SlowRelay<RecordTests>>();
                rider.AddProducer<Concluded>(results);
                rider.UsingKafka(settings, (context, kafka) => kafka.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
                {
                    endpoint.Transactional = true;
                    endpoint.ConfigureConsumer<SlowRelay<RecordTests>>(context);
                }));
            });
            bus.UsingInMemory();
        });
        await Start(builder);

        var written = await Read(results, count);
        Assert.Equal(count, written.Count);
        Assert.InRange(handled, count, 2 * count);
    }

    [Fact]
    public async Task A_record_that_takes_longer_than_its_transaction_may_has_failed_and_is_a_dead_letter_in_the_end()
    {
        var topic = await NewTopic(1);
        await WriteMany(topic, 1);
        await Write(topic, "other", Json("place", 7));
        var received = new Received<int>();
        var settings = Broker.Settings;
        settings.Consumer.TransactionTimeout = TimeSpan.FromSeconds(3);
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(
            new RiderHandler<Measured>(context =>
                context.Message.Number == 0
                    ? new TaskCompletionSource().Task.WaitAsync(context.CancellationToken)
                    : received.Add(context.Message.Number)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(settings, (context, kafka) => kafka.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
                {
                    endpoint.Transactional = true;
                    endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(100) });
                    endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
                }));
            });
            bus.UsingInMemory();
        });
        await Start(builder);

        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Contains("worked on for more than", letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Contains(7, await received.AtLeast(1));
    }

    [Fact]
    public async Task Nothing_lags_when_all_is_handled_also_behind_the_markers_of_transactions()
    {
        var (topic, results) = (await NewTopic(1), await NewTopic(1));
        var received = new Received<int>();
        var gate = new Gate();
        await Start(
            rider =>
            {
                rider.AddConsumer<Relay<RecordTests>>();
                rider.AddConsumer<RiderProbe<Concluded>>();
                Broker.AddProducer<Concluded>(rider, results);
            },
            (context, factory) =>
            {
                factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
                {
                    endpoint.Transactional = true;
                    endpoint.ConfigureConsumer<Relay<RecordTests>>(context);
                });
                factory.TopicEndpoint<Concluded>(
                    results, Group, (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Concluded>>(context));
            },
            services => services.AddSingleton<Action<int>>(_ => { }).AddSingleton(new RiderHandler<Concluded>(async context =>
            {
                await received.Add(context.Message.Number);
                if (context.Message.Number == 4)
                    await gate.Pass();
            })));

        await WriteMany(topic, 5);
        await gate.Holds(1);
        Assert.NotEqual(0, Lag(results));
        gate.Open();

        await Eventually.True(() => Task.FromResult(Lag(topic) == 0 && Lag(results) == 0), Limit, "nothing to do", Cancel);
        Assert.Equal([0, 1, 2, 3, 4], received.Items);
        // There is something that is no record.
        var end = await Admin.ListOffsetsAsync(
            [new TopicPartitionOffsetSpec { TopicPartition = new(results, 0), OffsetSpec = OffsetSpec.Latest() }]);
        Assert.InRange(end.ResultInfos[0].TopicPartitionOffsetError.Offset.Value, 6, long.MaxValue);
    }

    static long? Lag(string topic)
    {
        long? lag = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "bus.riders.lag")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "topic", Value: string name } && name == topic)
                    lag = (lag ?? 0) + value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return lag;
    }

    [Fact]
    public async Task Topics_of_failures_keep_and_take_what_they_have_to_and_those_that_do_not_are_named()
    {
        var (topic, other) = (NewTopic(), await NewTopic(1));
        await Create(topic, 2, ("max.message.bytes", "5000000"));
        await Create($"{other}-dlq", 1, ("retention.ms", "3600000"), ("cleanup.policy", "compact"));
        var log = new LogLines();
        await using var plugin = new KafkaPlugin(Broker.Settings, new PluginLog(log));
        TopicSpecification Letters(string of) => new($"{of}-dlq", 2, Retention: TimeSpan.FromDays(30)) { FailuresOf = of };

        await plugin.CreateTopics([new(topic, 2), Letters(topic), Letters(other) with { Partitions = null }], Cancel);
        await plugin.CreateTopics([new(topic, 2), Letters(topic), Letters(other) with { Partitions = null }], Cancel);

        var settings =
            (await Admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = $"{topic}-dlq" }]))[0].Entries;
        Assert.Equal(("2592000000", "delete"), (settings["retention.ms"].Value, settings["cleanup.policy"].Value));
        Assert.InRange(
            int.Parse(settings["max.message.bytes"].Value, System.Globalization.CultureInfo.InvariantCulture), 5_000_001, int.MaxValue);
        var line = Assert.Single(log.Of(LogLevel.Warning));
        Assert.Contains(
            $"{other}-dlq takes the failures of {other} and keeps too little: its retention.ms is 3600000, and 2592000000 is meant", line);
        Assert.Contains("its cleanup.policy is compact", line);
    }

    [Fact]
    public async Task The_dead_letters_of_what_a_pattern_stands_for_are_created_when_it_is_known()
    {
        var prefix = NewTopic();
        await Create($"{prefix}.a", 1);

        await Start<Measured>($"^{prefix}\\..*", _ => Task.CompletedTask, endpoint =>
        {
            endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2 });
            endpoint.CreateIfMissing(partitions: 3);
        });

        await Eventually.True(
            () =>
                Task.FromResult(Admin.GetMetadata(Limit).Topics
                    .Any(topic => topic.Topic == $"{prefix}.a-dlq" && topic.Partitions.Count == 3)), Limit, "the topic", Cancel);
        Assert.DoesNotContain(Admin.GetMetadata(Limit).Topics, topic => topic.Topic.Contains('^', StringComparison.Ordinal));
    }

    public sealed record Slow(TimeSpan Time, Action Handled);

    /// <summary>Takes its time. Generic, so that no bus finds it by itself.</summary>
    public sealed class SlowRelay<TKey>(ITopicProducer<Concluded> producer, Slow slow) : IConsumer<Measured>
    {
        public async Task Consume(ConsumeContext<Measured> context)
        {
            slow.Handled();
            using var timer = new PeriodicTimer(slow.Time);
            await timer.WaitForNextTickAsync(context.CancellationToken);
            await producer.Produce(
                context.Message.Place, new Concluded(context.Message.Place, context.Message.Number), context.CancellationToken);
        }
    }
}
