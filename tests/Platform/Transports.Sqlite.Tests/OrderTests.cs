namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class OrderTests : FileBusTest
{
    static readonly QueuePolicy OneAtATime = new() { Concurrency = 1, Attempts = 1 };

    [Fact]
    public async Task One_consumer_gets_a_queue_in_the_order_of_sending()
    {
        var received = new Received<int>();
        var sender = await Start();
        for (var i = 0; i < 100; i++)
            await Send(sender, new Note(i));

        await StartNotes(context => Add(received, context), OneAtATime);
        for (var i = 100; i < 200; i++)
            await Send(sender, new Note(i));

        Assert.Equal(Enumerable.Range(0, 200), await received.AtLeast(200));
    }

    [Fact]
    public async Task A_lower_priority_number_comes_first()
    {
        var received = new Received<int>();
        var sender = await Start();
        for (var i = 0; i < 5; i++)
            await Send(sender, new Note(100 + i));
        for (var i = 0; i < 5; i++)
            await Send(sender, new Note(i), context => ((SqlSendContext)context).Priority = 1);

        await StartNotes(context => Add(received, context), OneAtATime);

        Assert.Equal([0, 1, 2, 3, 4, 100, 101, 102, 103, 104], await received.AtLeast(10));
    }

    [Fact]
    public async Task A_message_that_is_tried_again_goes_behind_those_that_wait()
    {
        var received = new Received<int>();
        var sender = await Start();
        for (var i = 0; i < 4; i++)
            await Send(sender, new Note(i));

        await StartNotes(
            async context =>
            {
                received.Add(context.Message.Number);
                if (context.Message.Number == 0 && received.Items.Count == 1)
                    throw new InvalidOperationException("Not yet.");

                // The first one is ready again before anything else is taken.
                if (context.Message.Number == 1)
                    await QueueWhen(sender, queue => queue is { Ready: 3, Delayed: 0 }, "the first message again");
            },
            new QueuePolicy { Concurrency = 1, Prefetch = 1, Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1) });

        Assert.Equal([0, 1, 2, 3, 0], await received.AtLeast(5));
    }

    [Theory]
    [InlineData(SqlReceiveMode.Partitioned)]
    [InlineData(SqlReceiveMode.PartitionedOrdered)]
    public async Task Messages_of_a_key_are_handled_in_order_and_one_at_a_time_and_keys_side_by_side(SqlReceiveMode mode)
    {
        var received = new Received<int>();
        var running = new int[10];
        var most = 0;
        var together = 0;
        var busy = 0;
        var bus = await StartNotes(
            async context =>
            {
                var key = context.Message.Number % 10;
                most = Math.Max(most, Interlocked.Increment(ref running[key]));
                together = Math.Max(together, Interlocked.Increment(ref busy));
                await Task.Yield();
                received.Add(context.Message.Number);
                Interlocked.Decrement(ref busy);
                Interlocked.Decrement(ref running[key]);
            },
            new QueuePolicy { Concurrency = 20, Attempts = 1 },
            (_, endpoint) => endpoint.SetReceiveMode(mode));

        for (var i = 0; i < 500; i++)
            await Send(bus, new Note(i), context => context.SetPartitionKey($"key {i % 10}"));

        var numbers = await received.AtLeast(500);
        Assert.Equal(1, most);
        Assert.All(numbers.GroupBy(number => number % 10), group => Assert.Equal(group.Order(), group));
        Assert.InRange(together, 1, 10);
    }

    [Fact]
    public async Task A_key_with_a_long_backlog_does_not_hide_the_others()
    {
        // More than the queue is read in order.
        const int backlog = 600;
        var received = new Received<int>();
        var release = new TaskCompletionSource();
        var sender = await Start();
        await Parallel.ForEachAsync(Enumerable.Range(0, backlog), Cancel,
            async (number, _) => await Send(sender, new Note(number), context => context.SetPartitionKey("busy")));
        await Send(sender, new Note(5000), context => context.SetPartitionKey("calm"));

        await StartNotes(
            async context =>
            {
                if (context.Message.Number < 5000)
                    await release.Task;
                received.Add(context.Message.Number);
            },
            configure: (_, endpoint) => endpoint.SetReceiveMode(SqlReceiveMode.Partitioned));

        Assert.Equal([5000], await received.AtLeast(1));
        release.SetResult();
        Assert.Equal(backlog + 1, (await received.AtLeast(backlog + 1)).Count);
    }

    [Fact]
    public async Task A_message_that_waits_for_its_retry_keeps_its_key_waiting_in_ordered_mode()
    {
        var received = new Received<int>();
        var bus = await StartNotes(
            context => context.Message.Number == 0 && context.GetRedeliveryCount() == 0
                ? throw new InvalidOperationException("once")
                : Add(received, context),
            new QueuePolicy
            {
                Concurrency = 10,
                Attempts = 3,
                FirstRetryDelay = TimeSpan.FromMilliseconds(300),
                RetryStrategy = RetryStrategy.Fixed,
            },
            (_, endpoint) => endpoint.SetReceiveMode(SqlReceiveMode.PartitionedOrdered));

        for (var i = 0; i < 5; i++)
            await Send(bus, new Note(i), context => context.SetPartitionKey("one"));

        Assert.Equal([0, 1, 2, 3, 4], await received.AtLeast(5));
    }

    static Task Add(Received<int> received, ConsumeContext<Note> context)
    {
        received.Add(context.Message.Number);
        return Task.CompletedTask;
    }
}
