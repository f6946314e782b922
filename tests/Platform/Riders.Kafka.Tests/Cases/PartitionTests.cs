using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>What a consumer remembers of partitions follows their coming and going.</summary>
public sealed class PartitionTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    [Fact]
    public async Task A_member_that_takes_nothing_while_others_come_reads_on_when_it_has_room()
    {
        var topic = await NewTopic(4);
        await WriteMany(topic, 4_000, keys: 100);
        await using var plugin = Broker.CreatePlugin();
        var changes = new Changes();
        await using var first = plugin.Consume(Subscription(topic), changes);
        await Receive(first, 500);
        var before = changes.Assignments;

        await using var other = Broker.CreatePlugin();
        await using var second = other.Consume(Subscription(topic), NoPartitions.Instance);
        await Eventually.True(
            () =>
            {
                first.Receive(0, TimeSpan.Zero);
                second.Receive(0, TimeSpan.Zero);
                return Task.FromResult(changes.Assignments > before);
            },
            Limit, "the second member", Cancel);

        // All that is left of the partitions that it has.
        Assert.NotEmpty(await Receive(first, 1, second));
    }

    [Fact]
    public async Task Reading_creates_no_topic_and_finds_one_that_is_made_later()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        var host = await Start<Measured>(topic, context => received.Add(context.Message.Number));

        await Unready(host, $"{topic} is not there");
        Assert.DoesNotContain(Admin.GetMetadata(Limit).Topics, known => known.Topic == topic);

        await Create(topic, 3);
        await WriteMany(topic, 10, keys: 10);
        await received.AtLeast(10);
        await Ready(host);
    }

    [Fact]
    public async Task A_topic_that_was_deleted_and_made_again_is_read_from_its_beginning_and_committed()
    {
        var topic = await NewTopic(1);
        var received = new Received<int>();
        var host = await Start<Measured>(
            topic, context => received.Add(context.Message.Number), endpoint => endpoint.Start = StreamPosition.Latest);
        await Ready(host);
        await WriteMany(topic, 100);
        await received.AtLeast(100);
        await Eventually.True(() => Task.FromResult(Committed(topic, 0) == 100), Limit, "the commit", Cancel);

        await Admin.DeleteTopicsAsync([topic]);
        await Eventually.True(
            async () =>
            {
                try
                {
                    await Create(topic, 2);
                    return true;
                }
                catch (CreateTopicsException)
                {
                    // The other one is not gone yet.
                    return false;
                }
            },
            Limit, "the new topic", Cancel);
        await WriteMany(topic, 20, keys: 20);

        Assert.Equal(Enumerable.Range(0, 20), (await received.AtLeast(120)).Skip(100).Order());
        await Eventually.True(() => Task.FromResult(Committed(topic, 0) + Committed(topic, 1) == 20), Limit, "the commits", Cancel);
        Assert.Equal(120, received.Items.Count);
    }

    [Fact]
    public async Task Latest_is_decided_once_for_a_group_and_holds_for_nothing_that_comes_later()
    {
        var topic = await NewTopic(1);
        await WriteMany(topic, 5);
        await using (var plugin = Latest())
        {
            await using var consumer = plugin.Consume(Subscription(topic, StreamPosition.Latest), NoPartitions.Instance);
            await Join(consumer);
        }

        // It has committed its place, and nothing else.
        await WriteMany(topic, 3);
        await Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 2 }]);
        await using (var plugin = Broker.CreatePlugin())
            await plugin.Produce(Record(topic, "key", Json("new", 9)) with { Partition = 1 }, Cancel);

        await using var again = Latest();
        await using var reader = again.Consume(Subscription(topic, StreamPosition.Latest), NoPartitions.Instance);
        var records = await Receive(reader, 4);
        Assert.Equal([(0, 5L), (0, 6L), (0, 7L), (1, 0L)], records.Select(record => (record.Partition.Number, record.Offset)).Order());
    }

    [Fact]
    public async Task A_group_begins_at_the_time_that_is_set_for_its_topic_once_and_reads_other_topics_as_ever()
    {
        const int count = 4;
        var (timed, later, other) = (await NewTopic(1), await NewTopic(1), await NewTopic(1));
        string[] topics = [timed, later, other];
        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        await using var plugin = Broker.CreatePlugin();
        for (var number = 0; number < count; number++)
        {
            foreach (var topic in topics)
                await plugin.Produce(Record(topic, "key", Json("place", number)) with { Timestamp = start.AddMinutes(number) }, Cancel);
        }

        var settings = Broker.Settings;
        settings.Consumer.StartTimes = new() { [timed] = start.AddMinutes(2), [later] = start.AddMinutes(count) };
        var received = new Received<(string Topic, int Number)>();

        var host = await StartOn(settings, topics, received);
        await Ready(host);
        await WriteEach(count);
        (string, int)[] expected =
        [
            .. Enumerable.Range(0, count + 1).Select(number => (other, number)), (timed, 2), (timed, 3), (timed, count), (later, count),
        ];
        Assert.Equal(expected.Order(), (await received.AtLeast(expected.Length)).Order());

        // The group has its places by now.
        await Stop(host);
        await WriteEach(count + 1);
        await StartOn(settings, topics, received);
        Assert.Equal(
            topics.Select(topic => (topic, count + 1)).Order(),
            (await received.AtLeast(expected.Length + topics.Length)).Skip(expected.Length).Order());

        Task WriteEach(int number) =>
            Task.WhenAll(topics.Select(topic => plugin.Produce(Record(topic, "key", Json("place", number)), Cancel)));
    }

    [Fact]
    public async Task What_fails_of_a_pattern_is_tried_again_by_its_own_endpoint()
    {
        const int count = 10;
        var prefix = NewTopic();
        await Create($"{prefix}.a.1", 2);
        await Create($"{prefix}.b.1", 2);
        var (measured, concluded) = (new Received<int>(), new Received<int>());
        await Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.AddConsumer<RiderProbe<Concluded>>();
            },
            (context, factory) =>
            {
                factory.TopicEndpoint<Measured>($"^{prefix}\\.a\\..*", Group, (_, endpoint) =>
                {
                    endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2, FirstRetryDelay = Moment });
                    endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
                });
                factory.TopicEndpoint<Concluded>($"^{prefix}\\.b\\..*", Group, (_, endpoint) =>
                {
                    endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2, FirstRetryDelay = Moment });
                    endpoint.ConfigureConsumer<RiderProbe<Concluded>>(context);
                });
            },
            services => services
                .AddSingleton(new RiderHandler<Measured>(async context =>
                {
                    await measured.Add(context.Message.Number);
                    if (measured.Items.Count(number => number == context.Message.Number) == 1)
                        throw new InvalidOperationException("Not yet.");
                }))
                .AddSingleton(new RiderHandler<Concluded>(context => concluded.Add(context.Message.Number))));

        // Nothing in them says of which kind they are.
        await WriteMany($"{prefix}.a.1", count, keys: count);

        var all = await measured.AtLeast(2 * count);
        await Write($"{prefix}.b.1", "key", Json("place", count));
        Assert.Equal([count], await concluded.AtLeast(1));
        Assert.Equal(Enumerable.Range(0, count).SelectMany(number => new[] { number, number }), all.Order());
    }

    [Fact]
    public async Task The_topics_of_retries_begin_at_their_beginning_whatever_is_set()
    {
        var topic = await NewTopic(1);
        var received = new Received<int>();
        await WriteRetry($"{topic}-{Group}-retry-1");

        await StartLatest(topic, received);

        Assert.Equal([7], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_group_whose_next_records_are_gone_goes_on_at_the_first_that_is_there_and_says_how_many_are_missing()
    {
        var topic = await NewTopic(1);
        await WriteMany(topic, 100);
        var log = new LogLines();
        await using (var plugin = Latest())
        {
            await using var consumer = plugin.Consume(Subscription(topic), NoPartitions.Instance);
            consumer.Acknowledge((await Receive(consumer, 100))[9]);
        }

        await Admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 40)]);
        await using var again = new KafkaPlugin(LatestSettings, new PluginLog(log));
        await using var reader = again.Consume(Subscription(topic, StreamPosition.Latest), NoPartitions.Instance);

        Assert.Equal(40, (await Receive(reader, 60))[0].Offset);
        Assert.Contains($"30 records of {topic}/0 are gone", Assert.Single(
            log.Of(LogLevel.Warning), line => line.Contains(topic, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_abort_reads_the_transactions_records_again_and_no_others()
    {
        var topic = await NewTopic(2);
        await WriteMany(topic, 50, keys: 10);
        await using var plugin = Broker.CreatePlugin();
        await using var consumer = plugin.Consume(
            Subscription(topic, StreamPosition.Latest) with { IsTransactional = true }, NoPartitions.Instance);
        await Join(consumer);
        await WriteMany(topic, 1);
        var record = (await Receive(consumer, 1))[0];

        var transaction = consumer.Begin();
        transaction.Abort([record]);
        Assert.Equal(record.Offset, (await Receive(consumer, 1))[0].Offset);
        transaction = consumer.Begin();
        transaction.Commit([record]);

        await WriteMany(topic, 1);
        Assert.Equal(record.Offset + 1, (await Receive(consumer, 1))[0].Offset);
    }

    [Fact]
    public async Task What_is_replayed_from_behind_the_end_waits_for_it_and_what_is_skipped_stays_skipped()
    {
        var topic = await NewTopic(1);
        await WriteMany(topic, 20);

        await using (var plugin = Broker.CreatePlugin())
        {
            await using var consumer = plugin.Consume(Subscription(topic), NoPartitions.Instance);
            await Receive(consumer, 20);
            consumer.Seek(StreamPosition.At(22));
            await WriteMany(topic, 3);
            Assert.Equal(22, (await Receive(consumer, 1))[0].Offset);

            consumer.Seek(StreamPosition.At(0));
            await Receive(consumer, 23);
            consumer.Seek(StreamPosition.Latest);
        }

        await WriteMany(topic, 1);
        await using var again = Broker.CreatePlugin();
        await using var reader = again.Consume(Subscription(topic), NoPartitions.Instance);
        Assert.Equal([23L], (await Receive(reader, 1)).Select(record => record.Offset));
    }

    [Fact]
    public async Task A_replay_is_answered_where_there_are_no_partitions()
    {
        var topic = await NewTopic(1);
        var first = await Start<Measured>(topic, _ => Task.CompletedTask);
        await Ready(first);
        var second = await Start<Measured>(topic, _ => Task.CompletedTask);
        await Ready(second);

        var answers = await Task.WhenAll(Answer(first), Answer(second));

        Assert.Equal([null, "This process has no partitions"], answers.Order());

        async Task<string?> Answer(IHost host)
        {
            try
            {
                await Broker.RiderOf(host.Services).Replay(topic, Group, StreamPosition.At(0)).WaitAsync(Limit, Cancel);
                return null;
            }
            catch (InvalidOperationException exception)
            {
                // What the test is about.
                return exception.Message[..30];
            }
        }
    }

    [Fact]
    public async Task A_pattern_never_means_the_brokers_own_topics()
    {
        var topic = await NewTopic(1);
        var changes = new Changes();
        await WriteMany(topic, 1);
        await using var plugin = Broker.CreatePlugin();
        await using var consumer = plugin.Consume(Subscription("^.*"), changes);

        await Eventually.True(
            () =>
            {
                consumer.Receive(500, Moment);
                return Task.FromResult(changes.Topics.Contains(topic));
            },
            Limit, "the topic", Cancel);

        Assert.DoesNotContain(changes.Topics, name => name.StartsWith("__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Members_with_a_name_read_all_their_topics_and_move_nothing_when_they_start_again()
    {
        var (one, two) = (await NewTopic(2), await NewTopic(2));
        var settings = Broker.Settings;
        settings.Consumer.Member = "host-1";
        var changes = new Changes();

        await using (var plugin = new KafkaPlugin(settings, new PluginLog(new LogLines())))
        {
            await using var first = plugin.Consume(Subscription(one), NoPartitions.Instance);
            await using var second = plugin.Consume(Subscription(two), NoPartitions.Instance);
            await WriteMany(one, 1);
            await WriteMany(two, 1);
            await Join(first, second);
            await Receive(second, 1, first);
            await Receive(first, 1, second);
        }

        await using var again = new KafkaPlugin(settings, new PluginLog(new LogLines()));
        await using var third = again.Consume(Subscription(one), changes);
        await Join(third);
        Assert.Equal(1, changes.Assignments);
    }

    [Fact]
    public async Task A_member_that_is_closed_while_it_gets_partitions_leaves_without_asking_the_broker_where_they_begin()
    {
        var topic = await NewTopic(2);
        var (log, changes) = (new LogLines(), new Changes());
        var settings = Broker.Settings;
        settings.Properties["debug"] = "cgrp";
        await using var plugin = new KafkaPlugin(settings, new PluginLog(log));
        await using (var consumer = plugin.Consume(Subscription(topic), changes))
        {
            await Join(consumer);
            await Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 4 }]);
            // The client has joined anew, and nobody has taken its two partitions yet.
            await Said("delegating incremental assign of 2 partition(s)", times: 2);
        }

        // A client that is being closed is given no answer: it would wait for it in vain.
        Assert.DoesNotContain(
            log.All.SkipWhile(line => !line.Contains("Closing consumer", StringComparison.Ordinal)),
            line => line.Contains("OFFSET_FETCH", StringComparison.Ordinal));
        Assert.Equal(1, changes.Assignments);
        var group = Assert.Single((await Admin.DescribeConsumerGroupsAsync([Group])).ConsumerGroupDescriptions);
        Assert.Equal(ConsumerGroupState.Empty, group.State);

        Task Said(string text, int times) => Eventually.True(
            () => Task.FromResult(log.All.Count(line => line.Contains(text, StringComparison.Ordinal)) == times), Limit, text, Cancel);
    }

    [Fact]
    public async Task The_newer_protocol_shares_partitions_too()
    {
        var topic = await NewTopic(2);
        var settings = Broker.Settings;
        settings.Consumer.Protocol = GroupProtocol.Consumer;
        await using var plugin = new KafkaPlugin(settings, new PluginLog(new LogLines()));
        await using var consumer = plugin.Consume(Subscription(topic), NoPartitions.Instance);

        await WriteMany(topic, 10, keys: 10);

        Assert.Equal(10, (await Receive(consumer, 10)).Count);
    }

    KafkaSettings LatestSettings
    {
        get
        {
            var settings = Broker.Settings;
            settings.Consumer.OffsetReset = AutoOffsetReset.Latest;
            return settings;
        }
    }

    KafkaPlugin Latest() => new(LatestSettings, new PluginLog(new LogLines()));

    async Task StartLatest(string topic, Received<int> received)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new RiderHandler<Measured>(context => received.Add(context.Message.Number)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(LatestSettings, (context, kafka) => kafka.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
                {
                    endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2 });
                    endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
                }));
            });
            bus.UsingInMemory();
        });
        await Start(builder);
    }

    Task<IHost> StartOn(KafkaSettings settings, string[] topics, Received<(string Topic, int Number)> received)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new RiderHandler<Measured>(
            context => received.Add((context.GetPayload<StreamRecord>().Partition.Topic, context.Message.Number))));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(settings, (context, kafka) =>
                {
                    foreach (var topic in topics)
                        kafka.TopicEndpoint<Measured>(
                            topic, Group, (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context));
                });
            });
            bus.UsingInMemory();
        });
        return Start(builder);
    }

    async Task WriteRetry(string topic)
    {
        await using var plugin = Broker.CreatePlugin();
        await plugin.Produce(Record(topic, "key", Json("place", 7)), Cancel);
    }

    long Committed(string topic, int partition)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = Broker.Server.BootstrapServers, GroupId = Group }).Build();
        return Math.Max(0, consumer.Committed([new TopicPartition(topic, partition)], Limit)[0].Offset.Value);
    }

    StreamSubscription Subscription(string topic, StreamPosition? start = null) =>
        new([topic], Group, start ?? StreamPosition.Earliest, 500, IsTransactional: false);
}
