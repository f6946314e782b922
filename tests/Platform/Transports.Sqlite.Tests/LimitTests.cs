using System.Diagnostics;

namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class LimitTests : FileBusTest
{
    [Fact]
    public async Task No_more_messages_are_worked_on_at_once_than_the_policy_says_and_no_fewer()
    {
        var running = 0;
        var most = 0;
        var received = new Received<int>();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = await StartNotes(
            async context =>
            {
                var now = Interlocked.Increment(ref running);
                for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                    Interlocked.CompareExchange(ref most, now, seen);
                if (now == 7)
                    full.TrySetResult();
                await full.Task;
                Interlocked.Decrement(ref running);
                received.Add(context.Message.Number);
            },
            new QueuePolicy { Concurrency = 7, Prefetch = 50, Attempts = 1 });

        await Parallel.ForEachAsync(Enumerable.Range(0, 300), Cancel, async (number, _) => await Send(bus, new Note(number)));

        await received.AtLeast(300);
        Assert.Equal(7, most);
    }

    [Fact]
    public async Task A_process_holds_as_many_messages_as_the_prefetch_says()
    {
        var release = new TaskCompletionSource();
        var received = new Received<int>();
        var bus = await StartNotes(
            async context =>
            {
                await release.Task;
                received.Add(context.Message.Number);
            },
            new QueuePolicy { Concurrency = 2, Prefetch = 5, Attempts = 1 });

        for (var i = 0; i < 20; i++)
            await Send(bus, new Note(i));

        var queue = await QueueWhen(bus, queue => queue.Ready + queue.Locked == 20 && queue.Locked >= 5, "20 messages, 5 of them held");
        Assert.Equal((5, 15), (queue.Locked, queue.Ready));
        release.SetResult();
        await received.AtLeast(20);
    }

    [Fact]
    public async Task A_slow_message_does_not_hold_the_others_up()
    {
        // Taking turns of 100 ms, as the receive loop does when its window is full, they would take longer than anybody waits.
        const int count = 6_000;
        var release = new TaskCompletionSource();
        var received = new Received<int>();
        var bus = await StartNotes(
            async context =>
            {
                if (context.Message.Number == 0)
                    await release.Task;
                received.Add(context.Message.Number);
            },
            new QueuePolicy { Concurrency = 4, Attempts = 1 });
        await Send(bus, new Note(0));

        await Parallel.ForEachAsync(Enumerable.Range(1, count), Cancel, async (number, _) => await Send(bus, new Note(number)));
        await received.AtLeast(count);

        release.SetResult();
        await received.AtLeast(count + 1);
    }

    [Fact]
    public async Task A_bus_that_stops_finishes_what_it_has_begun_and_gives_the_rest_back_at_once()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource();
        var (first, stops) = (new Received<int>(), new Stops());
        var one = new QueuePolicy { Concurrency = 1, Prefetch = 10, Attempts = 1 };
        var stopping = await StartNotes(
            async context =>
            {
                begun.TrySetResult();
                await release.Task;
                first.Add(context.Message.Number);
            },
            one,
            (_, endpoint) => endpoint.ConnectReceiveEndpointObserver(stops));
        var observer = await Start();
        for (var i = 0; i < 5; i++)
            await Send(observer, new Note(i));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await QueueWhen(observer, queue => queue.Locked == 5, "5 messages held");

        var stopped = Stop(stopping);
        await stops.HasBegun.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        release.SetResult();
        await stopped;

        Assert.Equal([0], first.Items);
        Assert.Equal((0, 4), await Queue(observer) is { } queue ? (queue.Locked, queue.Ready) : default);

        var rest = new Received<(int Number, bool Redelivered)>();
        await StartNotes(
            context =>
            {
                rest.Add((context.Message.Number, context.ReceiveContext.Redelivered));
                return Task.CompletedTask;
            },
            one);
        Assert.Equal([(1, false), (2, false), (3, false), (4, false)], await rest.AtLeast(4));
    }

    [Fact]
    public async Task A_lock_lasts_as_long_as_its_consumer_works()
    {
        var deliveries = 0;
        var release = new TaskCompletionSource();
        var bus = await StartNotes(
            async _ =>
            {
                Interlocked.Increment(ref deliveries);
                await release.Task;
            },
            // It is renewed early enough, also by a busy machine.
            configure: (_, endpoint) => endpoint.LockDuration = TimeSpan.FromSeconds(10));
        var clock = Stopwatch.StartNew();

        await Send(bus, new Note(1));
        await Eventually.True(
            () => Task.FromResult(clock.Elapsed > TimeSpan.FromSeconds(21)), TimeSpan.FromSeconds(60), "twice the lock's duration", Cancel);
        release.SetResult();

        await QueueWhen(bus, queue => queue is { Locked: 0, Ready: 0 }, "an empty queue");
        Assert.Equal(1, deliveries);
    }

    [Fact]
    public async Task A_process_that_was_asleep_has_its_consumers_renew_their_locks_before_it_takes_messages_back()
    {
        var duration = TimeSpan.FromMinutes(1);
        var time = new Stopwatches();
        using var broker = File.Open(new SqliteSettings(), time);
        await broker.DeclareQueue("inbox", null, null);
        var receiver = await broker.Receive("inbox", new ReceiveLimits(2, 2), SqlReceiveMode.Normal, 1, duration);
        await SendOne();
        await SendOne();
        var taken = new List<Message>();
        await Eventually.True(
            () =>
            {
                taken.AddRange(broker.Take(receiver, 2));
                return Task.FromResult(taken.Count == 2);
            },
            TimeSpan.FromSeconds(60), "two messages", Cancel);

        // What is sent makes a round.
        time.Advance(TimeSpan.FromHours(1));
        await SendOne();
        Assert.True(broker.Renew(receiver, taken[0].LockId!.Value, taken[0].MessageDeliveryId, duration));
        time.Advance(TimeSpan.FromSeconds(2));
        await SendOne();

        Assert.True(broker.Complete(receiver, taken[0].LockId!.Value, taken[0].MessageDeliveryId));
        Assert.False(broker.Complete(receiver, taken[1].LockId!.Value, taken[1].MessageDeliveryId));

        Task SendOne() => broker.Send(
            "inbox", new Message { TransportMessageId = NewId.NextGuid(), Priority = 100, BinaryBody = [1] }, delay: null, Cancel);
    }

    [Fact]
    public async Task A_lock_that_may_not_be_renewed_any_more_ends_and_another_process_gets_the_message()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource();
        var hanging = await StartNotes(
            async _ =>
            {
                begun.TrySetResult();
                await release.Task;
            },
            configure: (_, endpoint) =>
            {
                endpoint.LockDuration = TimeSpan.FromSeconds(1);
                endpoint.MaxLockDuration = TimeSpan.FromSeconds(1);
            });
        await Send(hanging, new Note(1));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        var received = new Received<bool>();
        await StartNotes(context =>
        {
            received.Add(context.ReceiveContext.Redelivered);
            return Task.CompletedTask;
        });

        Assert.True((await received.AtLeast(1))[0]);
        release.SetResult();
    }

    sealed class Stops : IReceiveEndpointObserver
    {
        readonly TaskCompletionSource _hasBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HasBegun => _hasBegun.Task;

        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping)
        {
            _hasBegun.TrySetResult();
            return Task.CompletedTask;
        }

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}
