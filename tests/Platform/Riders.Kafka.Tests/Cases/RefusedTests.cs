using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>A broker that answers, and refuses: the host says so, and works again when the cause is gone.</summary>
[Collection("users")]
public sealed class RefusedTests(GuestBroker broker) : RealBrokerScenario<GuestBroker>(broker)
{
    [Fact]
    public async Task A_writer_that_has_got_a_fatal_error_is_replaced_and_named_until_then()
    {
        Broker.Configure = null;
        var topic = await NewTopic(1);
        IHost host;

        // Who may write to any topic may be idempotent.
        await using (await Deny(ResourceType.Topic, "*", AclOperation.Write))
        await using (await Deny(ResourceType.Broker, "kafka-cluster", AclOperation.IdempotentWrite))
        {
            host = await Start<Measured>(topic, _ => Task.CompletedTask);
            await Assert.ThrowsAnyAsync<KafkaException>(() => Produce(host, new Measured("place", 1)));
            await Unready(host, "writer");
        }

        await Eventually.True(
            async () =>
            {
                try
                {
                    await Produce(host, new Measured("place", 2));
                    return true;
                }
                catch (KafkaException)
                {
                    // The broker has not heard yet.
                    return false;
                }
            },
            Limit, "a writer that works", Cancel);
        await Ready(host);
    }

    [Theory]
    [InlineData(ResourceType.Group)]
    [InlineData(ResourceType.Topic)]
    public async Task An_endpoint_that_is_not_let_read_is_named_with_the_reason_and_reads_when_it_is(ResourceType refused)
    {
        Broker.Configure = null;
        var topic = await NewTopic(1);
        var received = new Received<int>();
        await WriteMany(topic, 1);
        IHost host;

        await using (await Deny(refused, refused == ResourceType.Group ? Group : topic, AclOperation.Read))
        {
            host = await Start<Measured>(topic, context => received.Add(context.Message.Number));
            var reason = await Unready(
                host, refused == ResourceType.Group ? $"does not let it read as the group '{Group}'" : "may not be read by this user");
            Assert.Contains($"{topic} is not read by the group '{Group}'", reason);
        }

        await received.AtLeast(1);
        await Ready(host);
    }

    [Fact]
    public async Task A_session_that_the_broker_does_not_take_is_a_settings_fault()
    {
        var topic = await NewTopic(1);
        Broker.Configure = settings => settings.Consumer.SessionTimeout = SharedKafka.ShortestSession / 3;

        var host = await Start<Measured>(topic, _ => Task.CompletedTask);

        Assert.Contains("Bus:Kafka:Consumer:SessionTimeout is 00:00:01", await Unready(host, "group.min.session.timeout.ms"));
    }

    [Fact]
    public async Task A_group_whose_members_share_in_another_way_is_named_and_an_eager_assignment_joins_it()
    {
        var topic = await NewTopic(2);
        var received = new Received<int>();
        Broker.Configure = null;
        using var other = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = Broker.Server.BootstrapServers,
            GroupId = Group,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range,
        }).Build();
        other.Subscribe(topic);
        await Eventually.True(
            () => Task.FromResult(other.Consume(Moment) is null && other.Assignment.Count > 0), Limit, "the other program", Cancel);
        using var polled = new CancellationTokenSource();
        var polling = Task.Run(() =>
        {
            while (!polled.IsCancellationRequested)
                other.Consume(Moment);
        }, Cancel);

        var host = await Start<Measured>(topic, _ => Task.CompletedTask);
        Assert.Contains("Assignment CooperativeSticky", await Unready(host, "share its partitions in another way"));
        await Stop(host);

        Broker.Configure = settings => settings.Consumer.Assignment = PartitionAssignmentStrategy.Range;
        host = await Start<Measured>(topic, context => received.Add(context.Message.Number));
        await Ready(host);
        // The other one leaves, and its partitions come here.
        await polled.CancelAsync();
        await polling;
        other.Close();
        await WriteMany(topic, 20, keys: 20);
        Assert.Equal(Enumerable.Range(0, 20), (await received.AtLeast(20)).Order());
    }

    [Fact]
    public async Task A_transactional_id_that_is_refused_keeps_its_records_and_its_member()
    {
        Broker.Configure = null;
        var (topic, results) = (await NewTopic(1), await NewTopic(1));
        await WriteMany(topic, 3);
        IHost host;
        var log = new LogLines();

        string[] denial =
        [
            "--bootstrap-server", Broker.Server.BootstrapServers, "--deny-principal", "User:guest", "--operation", "Write",
            "--transactional-id", $"{Group}-", "--resource-pattern-type", "prefixed",
        ];

        // The client has no name for this resource.
        await Broker.Real.Tool("acls", [.. denial, "--add"]);
        try
        {
            host = await StartRelay(topic, results, log);
            await Unready(host, $"no transaction can begin: The broker does not let it write with the transactional id '{Group}-");
            await Eventually.True(
                () => Task.FromResult(
                    log.Of(LogLevel.Debug).Count(line => line.Contains("cannot begin a transaction", StringComparison.Ordinal)) > 2),
                Limit, "tries", Cancel);
            // However often it is tried, an outage begins once.
            Assert.Single(
                log.Of(LogLevel.Warning),
                line => line.StartsWith($"The records of the group {Group} wait: no transaction can begin", StringComparison.Ordinal));
            // One member, from the first try on.
            Assert.Single(
                log.Of(LogLevel.Information),
                line => line.StartsWith("The group", StringComparison.Ordinal) && line.Contains(" 1 partitions", StringComparison.Ordinal));
        }
        finally
        {
            await Broker.Real.Tool("acls", [.. denial, "--remove", "--force"]);
        }

        Assert.Equal(3, (await Read(results, 3)).Count);
        await Ready(host);
    }

    [Theory]
    [InlineData(AclPermissionType.Deny, AclOperation.Write)]
    [InlineData(AclPermissionType.Allow, AclOperation.Describe)]
    public async Task A_topic_of_results_that_refuses_a_transaction_is_named_until_it_does_not(
        AclPermissionType permission, AclOperation operation)
    {
        const int count = 3;
        Broker.Configure = null;
        var (topic, results) = (await NewTopic(1), await NewTopic(1));
        await WriteMany(topic, count);
        IHost host;
        var log = new LogLines();

        // A topic that may be described refuses the transaction, and one that may not is as good as missing.
        await using (await Rule(ResourceType.Topic, results, operation, permission))
        {
            host = await StartRelay(topic, results, log);
            var reason = await Unready(host, $"The broker does not let it write to '{results}'");
            Assert.Contains($"{topic} is not read by the group '{Group}'", reason);
            Assert.Single(
                log.Of(LogLevel.Warning), line => line.Contains($"'{results}'", StringComparison.Ordinal)
                    && line.StartsWith($"The records of the group {Group} wait", StringComparison.Ordinal));
        }

        Assert.Equal(count, (await Read(results, count)).Count);
        await Ready(host);
    }

    [Fact]
    public async Task Of_all_topics_of_a_transaction_those_that_refuse_it_are_named()
    {
        Broker.Configure = null;
        var (topic, taking, refusing) = (await NewTopic(1), await NewTopic(1), await NewTopic(1));
        await WriteMany(topic, 1);
        await using var rule = await AllowOnly(ResourceType.Topic, refusing, AclOperation.Describe);
        await using var plugin = Broker.CreatePlugin();
        await using var consumer = plugin.Consume(
            new StreamSubscription([topic], Group, StreamPosition.Earliest, 10, IsTransactional: true), NoPartitions.Instance);
        await Receive(consumer, 1);

        var transaction = consumer.Begin();
        await transaction.Produce(Record(taking, "key", Json("place", 1)), Cancel);
        var refusal = (await Assert.ThrowsAnyAsync<KafkaException>(
            () => transaction.Produce(Record(refusing, "key", Json("place", 1)), Cancel))).Message;
        Assert.Contains($"The broker does not let it write to '{refusing}'", refusal);
        refusal = (await Assert.ThrowsAnyAsync<KafkaException>(
            () => transaction.Produce(Record(taking, "key", Json("place", 1)), Cancel))).Message;
        Assert.Contains($"The broker does not let it write to '{refusing}'", refusal);
        transaction.Abort([]);
    }

    [Fact]
    public async Task Topics_that_are_there_are_no_matter_to_who_may_not_create_any()
    {
        Broker.Configure = null;
        var (topic, missing) = (await NewTopic(4), NewTopic());
        var log = new LogLines();
        await using var reads = await AllowOnly(ResourceType.Topic, topic, AclOperation.Read);
        await using var readsMissing = await AllowOnly(ResourceType.Topic, missing, AclOperation.Read);
        await using var any = await Deny(ResourceType.Broker, "kafka-cluster", AclOperation.Create);
        await using var plugin = new KafkaPlugin(Broker.Settings, new PluginLog(log));

        await plugin.CreateTopics([new(topic)], Cancel);
        Assert.Empty(log.Of(LogLevel.Error));

        await plugin.CreateTopics([new(topic, 12), new(missing)], Cancel);
        await plugin.CreateTopics([new(topic, 12), new(missing)], Cancel);
        Assert.Contains(missing, Assert.Single(log.Of(LogLevel.Error)));
        Assert.Contains("has 4 partitions, and is to have 12", Assert.Single(log.Of(LogLevel.Warning)));
    }

    Task<IHost> StartRelay(string topic, string results, LogLines log) => Start(
        rider =>
        {
            rider.AddConsumer<Relay<RefusedTests>>();
            Broker.AddProducer<Concluded>(rider, results);
        },
        (context, factory) => factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
        {
            endpoint.Transactional = true;
            endpoint.ConfigureConsumer<Relay<RefusedTests>>(context);
        }),
        services => services
            .AddSingleton<Action<int>>(_ => { })
            .AddLogging(logging => logging.AddProvider(log).AddFilter<LogLines>(typeof(StreamRider).FullName, LogLevel.Debug)));
}
