namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class DelayTests : FileBusTest
{
    [Fact]
    public async Task A_scheduled_message_comes_when_it_is_due_and_a_cancelled_one_never()
    {
        var received = new Received<(int Number, DateTimeOffset At)>();
        var bus = await StartNotes(context =>
        {
            received.Add((context.Message.Number, TimeProvider.System.GetUtcNow()));
            return Task.CompletedTask;
        });
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();

        var tomorrow = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);
        var cancelled = await scheduler.ScheduleSend(NotesAddress, tomorrow, new Note(1), Cancel);
        Assert.Equal(1, (await Queue(bus))?.Delayed);
        await scheduler.CancelScheduledSend(NotesAddress, cancelled.TokenId, Cancel);
        Assert.Equal(0, (await Queue(bus))?.Delayed);

        var due = TimeProvider.System.GetUtcNow().AddMilliseconds(700);
        await scheduler.ScheduleSend(NotesAddress, due.UtcDateTime.AddMilliseconds(100), new Note(2), Cancel);
        await scheduler.SchedulePublish(due.UtcDateTime.AddMilliseconds(200), new Note(3), Cancel);

        var arrivals = await received.AtLeast(2);
        Assert.Equal([2, 3], arrivals.Select(arrival => arrival.Number).Order());
        Assert.All(arrivals, arrival => Assert.True(
            arrival.At - due >= TimeSpan.FromMilliseconds(95), $"It came {arrival.At - due} late."));
        await QueueWhen(bus, queue => queue is { Locked: 0, Ready: 0, Delayed: 0 }, "an empty queue");
    }

    [Fact]
    public async Task A_scheduled_message_survives_a_restart()
    {
        var sender = await Start();
        await using (var scope = sender.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<IMessageScheduler>()
                .ScheduleSend(NotesAddress, TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300), new Note(5), Cancel);
        await Stop(sender);

        var received = new Received<int>();
        await StartNotes(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        });

        Assert.Equal([5], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_failed_message_is_delivered_again_after_its_delay_and_counts_its_attempts()
    {
        var attempts = new Received<int>();
        var bus = await StartNotes(
            context =>
            {
                attempts.Add(context.GetRedeliveryCount());
                return context.GetRedeliveryCount() < 12 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            },
            // More attempts than the transport itself takes for a sign of poison.
            new QueuePolicy { Attempts = 20, FirstRetryDelay = TimeSpan.FromMilliseconds(20), RetryStrategy = RetryStrategy.Fixed });

        await Send(bus, new Note(1));

        Assert.Equal(Enumerable.Range(0, 13), await attempts.AtLeast(13));
        await QueueWhen(bus, queue => queue is { Locked: 0, Ready: 0, Delayed: 0 }, "an empty queue");
        Assert.Null(await Queue(bus, "notes-dlq"));
    }

    [Fact]
    public async Task Messages_that_are_due_far_ahead_do_not_keep_others_waiting()
    {
        var received = new Received<int>();
        var bus = await StartNotes(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        });
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var tomorrow = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), Cancel,
            async (number, cancel) => await scheduler.ScheduleSend(NotesAddress, tomorrow, new Note(number), cancel));
        await Send(bus, new Note(1000));

        Assert.Equal([1000], await received.AtLeast(1));
        Assert.Equal(200, (await Queue(bus))?.Delayed);
    }
}
