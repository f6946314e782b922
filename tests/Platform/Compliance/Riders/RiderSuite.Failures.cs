namespace Maestro.Bus.Compliance;

public abstract partial class RiderSuite<TBroker>
{
    [Fact]
    public async Task What_fails_is_tried_again_and_holds_up_nothing_meanwhile()
    {
        var topic = NewTopic();
        var received = new Received<(int Number, int Attempt)>();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await Start<Measured>(topic, async context =>
        {
            var (number, attempt) = (context.Message.Number, FailureHeaders.FailuresOf(context.Headers).Attempts);
            await received.Add((number, attempt));
            // Its delay begins when the other one is there.
            await written.Task;
            if (number == 1 && attempt < 2)
                throw new InvalidOperationException("Not yet.");
        }, endpoint =>
        {
            endpoint.ConcurrentMessageLimit = 1;
            // Longer than a busy machine takes to read the other one.
            endpoint.UseRetryTopics(Retrying with { FirstRetryDelay = TimeSpan.FromSeconds(2), MaxRetryDelay = TimeSpan.FromSeconds(2) });
        });

        await Produce(host, new Measured("place", 1), context => context.Key = "place");
        await Produce(host, new Measured("place", 2), context => context.Key = "place");

        written.SetResult();

        var all = (await received.AtLeast(4)).ToList();
        Assert.Equal([(1, 0), (1, 1), (1, 2), (2, 0)], all.Order());
        Assert.True(all.IndexOf((2, 0)) < all.IndexOf((1, 2)), string.Join(", ", all));
    }

    [Fact]
    public async Task What_fails_for_good_is_in_the_dead_letters_as_it_was_and_published_as_a_fault()
    {
        var topic = NewTopic();
        var faults = new Received<string>();
        var attempts = new Received<int>();
        var host = await Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                Broker.AddProducer<Measured>(rider, topic);
            },
            (context, factory) => factory.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
            {
                endpoint.UseRetryTopics(Retrying);
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            services => services.AddSingleton(new RiderHandler<Measured>(async context =>
            {
                await attempts.Add(FailureHeaders.FailuresOf(context.Headers).Attempts);
                throw new InvalidOperationException("It cannot be.");
            })),
            bus => bus.ReceiveEndpoint(
                "faults", endpoint => endpoint.Handler<Fault<Measured>>(context => faults.Add(context.Message.Exceptions[0].Message))));
        await Write(topic, "one", Json("other", 0));
        await attempts.AtLeast(3);

        var letter = (await Read($"{topic}-dlq", 1))[0];

        Assert.Equal("one", Text(letter.Key));
        Assert.Equal(Json("other", 0), Text(letter.Value));
        Assert.Equal((DeadLetterReason.Fault, "It cannot be."),
            (letter.Headers.Get(MessageHeaders.Reason), letter.Headers.Get(MessageHeaders.FaultMessage)));
        Assert.Contains("It cannot be.", FaultDetail.Unpack(letter.Headers.Get(DeadLetterHeaders.Detail)));
        Assert.Equal(typeof(InvalidOperationException).FullName, letter.Headers.Get(MessageHeaders.FaultExceptionType));
        Assert.Contains("at ", letter.Headers.Get(MessageHeaders.FaultStackTrace));
        Assert.Equal((topic, "0", Group),
            (letter.Headers.Get(StreamHeaders.Topic), letter.Headers.Get(StreamHeaders.Offset), letter.Headers.Get(StreamHeaders.Group)));
        Assert.Equal([0, 1, 2], attempts.Items);
        Assert.Equal(["It cannot be."], await faults.AtLeast(1));
        await Stop(host);
    }

    [Fact]
    public async Task An_invalid_message_is_not_tried_again()
    {
        var topic = NewTopic();
        var attempts = new Received<int>();
        await Start<Measured>(topic, async context =>
        {
            await attempts.Add(1);
            throw new InvalidMessageException("It makes no sense.");
        }, endpoint => endpoint.UseRetryTopics(Retrying));

        await Write(topic, "one", Json("place", 1));

        var letter = (await Read($"{topic}-dlq", 1))[0];
        Assert.Equal((DeadLetterReason.Invalid, "It makes no sense."),
            (letter.Headers.Get(MessageHeaders.Reason), letter.Headers.Get(MessageHeaders.FaultMessage)));
        Assert.Single(attempts.Items);
    }

    [Theory]
    [InlineData("\u0001\u0002 not json")]
    [InlineData("{\"place\":")]
    [InlineData("{\"place\":\"x\",\"number\":\"seven\"}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Unreadable_bytes_are_in_the_dead_letters_and_the_partition_moves_on(string bytes)
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, context => received.Add(context.Message.Number), endpoint => endpoint.UseRetryTopics(Retrying));

        await Write(topic, "key", bytes);
        await Write(topic, "key", Json("place", 2));
        var letter = (await Read($"{topic}-dlq", 1))[0];

        Assert.Equal(bytes, Text(letter.Value));
        Assert.Equal("0", letter.Headers.Get(StreamHeaders.Offset));
        Assert.Equal(DeadLetterReason.Unreadable, letter.Headers.Get(MessageHeaders.Reason));
        Assert.Contains(nameof(Measured), letter.Headers.Get(MessageHeaders.FaultMessage));
        Assert.Equal([2], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_record_that_only_says_that_its_key_is_gone_is_passed_over()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, context => received.Add(context.Message.Number));

        await Write(topic, "key", null);
        await Write(topic, "key", Json("place", 2));

        Assert.Equal([2], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_record_that_is_sent_back_to_one_group_is_passed_over_by_the_others()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Start<Measured>(topic, context => received.Add(context.Message.Number));

        await Write(topic, "key", Json("place", 1), (StreamHeaders.For, "another"));
        await Write(topic, "key", Json("place", 2), (StreamHeaders.For, Group));

        Assert.Equal([2], await received.AtLeast(1));
    }
}
