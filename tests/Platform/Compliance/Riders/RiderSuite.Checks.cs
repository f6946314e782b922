namespace Maestro.Bus.Compliance;

public abstract partial class RiderSuite<TBroker>
{
    /// <summary>Headers of a record, and a value that each cannot have.</summary>
    static readonly (string Name, string Value)[] Broken =
    [
        (MessageHeaders.RequestId, "order-17"),
        (MessageHeaders.ConversationId, "order-17"),
        (MessageHeaders.InitiatorId, "order-17"),
        (MessageHeaders.SourceAddress, "not an address"),
        (MessageHeaders.ResponseAddress, "not an address"),
        (MessageHeaders.FaultAddress, "not an address"),
        (MessageHeaders.RedeliveryCount, "many"),
        (MessageHeaders.RedeliveryCount, "-1"),
        (FailureHeaders.Attempts, "many"),
        (FailureHeaders.Attempts, "-1"),
    ];

    /// <summary>
    /// MassTransit reads the headers of a record when somebody asks for them, which may be after the consumer's effects.
    /// </summary>
    [Fact]
    public async Task What_is_wrong_about_a_record_is_found_before_its_consumer_runs()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, context => received.Add(context.Message.Number), endpoint => endpoint.UseRetryTopics(Retrying));

        await using (var plugin = Broker.CreatePlugin())
        {
            for (var number = 0; number < Broken.Length; number++)
                await plugin.Produce(Record(topic, "key", Json("place", number), Broken[number]), Cancel);
            await plugin.Produce(Record(topic, "key", Json("place", 1_000)), Cancel);
        }

        Assert.Equal([1_000], await received.AtLeast(1));
        var letters = await Read($"{topic}-dlq", Broken.Length);
        Assert.Equal(
            Enumerable.Range(0, Broken.Length).Select(number => Json("place", number)), letters.Select(letter => Text(letter.Value)));
        foreach (var (letter, (name, value)) in letters.Zip(Broken))
        {
            // A dead letter's number of attempts is its own.
            Assert.Equal(name == FailureHeaders.Attempts ? "1" : value, letter.Headers.Get(name));
            Assert.Equal(DeadLetterReason.Invalid, letter.Headers.Get(MessageHeaders.Reason));
            Assert.Contains("so that no consumer was given it", letter.Headers.Get(MessageHeaders.FaultMessage));
        }
    }

    /// <summary>Ids that a foreign program gives in its own form are no faults.</summary>
    [Fact]
    public async Task Ids_that_are_not_GUIDs_are_the_same_GUIDs_each_time()
    {
        var topic = NewTopic();
        var received = new Received<(Guid? Message, Guid? Correlation)>();
        await Start<Measured>(topic, context => received.Add((context.MessageId, context.CorrelationId)));

        for (var number = 0; number < 2; number++)
            await Write(
                topic, "key", Json("place", number), (MessageHeaders.MessageId, "order-17"), (MessageHeaders.CorrelationId, "customer-4"));
        var both = await received.AtLeast(2);

        Assert.True(both[0] is ({ } message, { } correlation) && message != correlation);
        Assert.Equal(both[0], both[1]);
    }
}
