using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Bus.Compliance;

public abstract partial class RiderSuite<TBroker>
{
    [Fact]
    public async Task A_message_arrives_with_its_ids_headers_and_trace()
    {
        var topic = NewTopic();
        var received = new Received<(Guid? Id, Guid? Correlation, Guid? Conversation, string? Tenant, string? Extra, string? Key,
            ActivityTraceId Trace, Measured Message)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var host = await Start<Measured>(topic, context => received.Add((
            context.MessageId, context.CorrelationId, context.ConversationId, context.TenantId(), context.Headers.Get<string>("extra"),
            context.TryGetPayload(out StreamRecord? record) ? Text(record.Key) : null, Activity.Current?.TraceId ?? default,
            context.Message)));
        var (id, correlation, conversation) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());
        using var trace = new Activity("test").Start();

        await Produce(host, new Measured("roof", 7), context =>
        {
            context.Key = "roof";
            (context.MessageId, context.CorrelationId, context.ConversationId) = (id, correlation, conversation);
            context.SetTenantId("acme");
            context.Headers.Set("extra", "more");
        });

        Assert.Equal((id, correlation, conversation, "acme", "more", "roof", trace.TraceId, new Measured("roof", 7)),
            (await received.AtLeast(1))[0]);
    }

    [Fact]
    public async Task Records_of_a_key_come_in_their_order_and_keys_at_the_same_time()
    {
        const int keys = 100;
        const int perKey = 20;
        var topic = NewTopic();
        var order = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var (working, most, handled) = (0, 0, 0);
        var host = await Start<Measured>(topic, async context =>
        {
            var now = Interlocked.Increment(ref working);
            for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                Interlocked.CompareExchange(ref most, now, seen);
            await Task.Yield();
            order.GetOrAdd(context.Message.Place, _ => new()).Enqueue(context.Message.Number);
            Interlocked.Decrement(ref working);
            Interlocked.Increment(ref handled);
        }, endpoint => endpoint.ConcurrentMessageLimit = 16);

        for (var number = 0; number < perKey; number++)
            await Task.WhenAll(Enumerable.Range(0, keys)
                .Select(key => Produce(host, new Measured($"key-{key}", number), context => context.Key = $"key-{key}")));
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref handled) >= keys * perKey), Limits.Arrival, "all records", Cancel);

        Assert.Equal(keys, order.Count);
        Assert.All(order.Values, numbers => Assert.Equal(Enumerable.Range(0, perKey), numbers));
        Assert.InRange(most, 2, 16);
    }

    [Fact]
    public async Task No_more_records_are_worked_on_at_a_time_than_allowed_and_one_slow_key_holds_up_no_other()
    {
        var topic = NewTopic();
        var (gate, others) = (new Gate(), new Received<string>());
        var host = await Start<Measured>(topic,
            context => context.Message.Place == "slow" ? gate.Pass() : others.Add(context.Message.Place),
            endpoint => endpoint.ConcurrentMessageLimit = 4);

        await Produce(host, new Measured("slow", 0), context => context.Key = "slow");
        await gate.Holds(1);
        // Of many keys most are in other lanes.
        for (var i = 0; i < 40; i++)
            await Produce(host, new Measured($"quick-{i}", i), context => context.Key = $"quick-{i}");

        await others.AtLeast(20);
        gate.Open();
        await others.AtLeast(40);
    }

    [Fact]
    public async Task What_was_finished_is_not_read_again_and_what_was_not_is()
    {
        var topic = NewTopic();
        var first = new Received<int>();
        var host = await Start<Measured>(topic, context => first.Add(context.Message.Number));
        for (var number = 0; number < 10; number++)
            await Produce(host, new Measured("place", number), context => context.Key = "place");
        await first.AtLeast(10);
        await Stop(host);

        var second = new Received<int>();
        host = await Start<Measured>(topic, context => second.Add(context.Message.Number));
        await Produce(host, new Measured("place", 10), context => context.Key = "place");

        await second.AtLeast(1);
        Assert.Equal([10], second.Items);
    }

    [Fact]
    public async Task Members_of_a_group_share_the_work_and_hand_it_over()
    {
        var topic = NewTopic();
        var (first, second) = (new Received<int>(), new Received<int>());
        var one = await Start<Measured>(topic, context => first.Add(context.Message.Number));
        for (var number = 0; number < 50; number++)
            await Produce(one, new Measured("place", number), context => context.Key = $"{number}");
        await first.AtLeast(50);

        var two = await Start<Measured>(topic, context => second.Add(context.Message.Number));
        var written = 50;
        await Eventually.True(async () =>
        {
            var number = written++;
            await Produce(one, new Measured("place", number), context => context.Key = $"{number}");
            return second.Items.Count > 0;
        }, Limits.Arrival, "work for the second member", Cancel);
        await Stop(one);
        for (var number = written; number < written + 50; number++)
            await Produce(two, new Measured("place", number), context => context.Key = $"{number}");

        await Eventually.True(() => Task.FromResult(first.Items.Concat(second.Items).Distinct().Count() == written + 50), Limits.Arrival,
            "all records", Cancel);
        // Nobody has died: nothing is done twice.
        Assert.Equal(written + 50, first.Items.Count + second.Items.Count);
    }

    [Fact]
    public async Task Another_group_gets_everything_too()
    {
        var topic = NewTopic();
        var (first, second) = (new Received<int>(), new Received<int>());
        var one = await Start<Measured>(topic, context => first.Add(context.Message.Number), group: $"{Group}-1");
        await Start<Measured>(topic, context => second.Add(context.Message.Number), group: $"{Group}-2");

        await Produce(one, new Measured("place", 1));

        await first.AtLeast(1);
        await second.AtLeast(1);
    }

    [Fact]
    public async Task A_batch_is_consumed_together_and_in_order()
    {
        var topic = NewTopic();
        var batches = new Received<int[]>();
        var host = await Start(
            rider =>
            {
                // As long as a busy machine may take to write as many as fill a batch.
                rider.AddConsumer<RiderProbe<Batch<Measured>>>(consumer =>
                    consumer.Options<BatchOptions>(options => options.SetMessageLimit(100).SetTimeLimit(s: 30)));
                Broker.AddProducer<Measured>(rider, topic);
            },
            (context, factory) => factory.TopicEndpoint<Measured>(
                topic, Group, (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Batch<Measured>>>(context)),
            services => services.AddSingleton(
                new RiderHandler<Batch<Measured>>(context => batches.Add([.. context.Message.Select(message => message.Message.Number)]))));

        for (var number = 0; number < 200; number++)
            await Produce(host, new Measured("place", number), context => context.Key = "place");
        await Eventually.True(
            () => Task.FromResult(batches.Items.Sum(batch => batch.Length) >= 200), Limits.Arrival, "200 records in batches", Cancel);

        Assert.Equal(Enumerable.Range(0, 200), batches.Items.SelectMany(batch => batch));
        Assert.Contains(batches.Items, batch => batch.Length > 16);
    }

    [Fact]
    public async Task A_saga_follows_its_events()
    {
        var topic = NewTopic();
        var closed = new Received<Guid>();
        var id = NewId.NextGuid();
        var host = await Start(
            rider =>
            {
                rider.AddSagaStateMachine<OrderStateMachine<TBroker>, OrderSaga>().InMemoryRepository();
                Broker.AddProducer<OrderPlaced>(rider, topic);
                Broker.AddProducer<OrderClosed>(rider, topic);
            },
            (context, factory) => factory.TopicEndpoint(null, topic, Group, (_, endpoint) => endpoint.ConfigureSaga<OrderSaga>(context)),
            services => services.AddSingleton(closed));

        // What has no key may be handled in any order.
        await Produce(host, new OrderPlaced(id), context => context.Key = $"{id}");
        await Produce(host, new OrderClosed(id), context => context.Key = $"{id}");

        Assert.Equal([id], await closed.AtLeast(1));
    }

    [Fact]
    public async Task An_endpoint_is_connected_and_stopped_while_the_rider_runs()
    {
        var (topic, other) = (NewTopic(), NewTopic());
        var received = new Received<int>();
        var host = await Start<Measured>(topic, context => received.Add(context.Message.Number));

        var handle = Broker.RiderOf(host.Services).ConnectTopicEndpoint<Measured>(
            other, Group, (context, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context), Cancel);
        await handle.Ready;
        await Write(other, "key", Json("other", 1));
        Assert.Equal([1], await received.AtLeast(1));

        await handle.StopAsync(Cancel);
        await Write(other, "key", Json("other", 2));
        await Write(topic, "key", Json("place", 3));
        Assert.Equal([1, 3], await received.AtLeast(2));
    }

    [Fact]
    public async Task A_pattern_reads_all_topics_that_match()
    {
        var prefix = NewTopic();
        var received = new Received<int>();
        await Write($"{prefix}.a", "key", Json("a", 1));
        await Write($"{prefix}.b", "key", Json("b", 2));

        await Start<Measured>($"^{prefix}\\..*", context => received.Add(context.Message.Number));

        Assert.Equal([1, 2], (await received.AtLeast(2)).Order());
    }

    [Fact]
    public async Task A_pattern_that_matches_its_own_dead_letters_does_not_read_them()
    {
        var prefix = NewTopic();
        var received = new Received<int>();
        await Write($"{prefix}.a", "key", Json("a", 1));
        await Start<Measured>($"^{prefix}\\..*", async context =>
        {
            await received.Add(context.Message.Number);
            if (context.Message.Number == 1)
                throw new InvalidMessageException("Not this one.");
        });

        await Read($"{prefix}.a-dlq", 1);
        await Write($"{prefix}.a", "key", Json("a", 2));

        Assert.Equal([1, 2], await received.AtLeast(2));
        Assert.Single(await Read($"{prefix}.a-dlq", 1));
    }

    [Fact]
    public async Task A_new_group_begins_where_it_is_told()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        await Write(topic, "key", Json("place", 1));
        await Write(topic, "key", Json("place", 2));
        await Write(topic, "key", Json("place", 3));

        await Start<Measured>(topic, context => received.Add(context.Message.Number), endpoint => endpoint.Start = StreamPosition.At(1));

        Assert.Equal([2, 3], await received.AtLeast(2));
    }

    [Fact]
    public async Task A_topic_is_read_again_from_a_time_and_from_an_offset()
    {
        var topic = NewTopic();
        var received = new Received<int>();
        var host = await Start<Measured>(topic, context => received.Add(context.Message.Number));
        await using var plugin = Broker.CreatePlugin();
        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        for (var number = 0; number < 4; number++)
            await plugin.Produce(Record(topic, "key", Json("place", number)) with { Timestamp = start.AddMinutes(number) }, Cancel);
        await received.AtLeast(4);

        await Broker.RiderOf(host.Services).Replay(topic, Group, StreamPosition.At(3));
        Assert.Equal([0, 1, 2, 3, 3], await received.AtLeast(5));

        if (!Broker.FindsTimes)
            return;

        await Broker.RiderOf(host.Services).Replay(topic, Group, StreamPosition.At(start.AddMinutes(2)));
        Assert.Equal([0, 1, 2, 3, 3, 2, 3], await received.AtLeast(7));
    }
}
