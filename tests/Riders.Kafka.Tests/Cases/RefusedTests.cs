using Confluent.Kafka;

namespace MaestroBus.Riders.Kafka.Tests;

/// <summary>A broker that answers, and refuses: the host says so, and works again when the cause is gone.</summary>
[Collection("users")]
public sealed class RefusedTests(GuestBroker broker) : RealBrokerScenario<GuestBroker>(broker)
{
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
}
