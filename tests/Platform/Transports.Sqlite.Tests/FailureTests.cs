using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class FailureTests : FileBusTest
{
    [Fact]
    public async Task A_failed_message_goes_to_the_dead_letters_with_its_headers_and_the_reason_and_can_be_delivered_again()
    {
        var fail = true;
        var received = new Received<string?>();
        var bus = await StartNotes(context =>
        {
            if (fail)
                throw new InvalidOperationException("boom");
            received.Add(context.Headers.Get<string>("tenant") + context.Headers.Get<string>(MessageHeaders.FaultMessage));
            return Task.CompletedTask;
        });

        await Send(bus, new Note(1), context => context.Headers.Set("tenant", "acme"));
        await QueueWhen(bus, queue => queue.Ready == 1, "a dead letter", "notes-dlq");
        var letter = Assert.Single(await DeadLetters(bus));
        fail = false;

        Assert.Equal("acme", letter.GetHeaders().Get<string>("tenant"));
        Assert.Equal("boom", letter.GetTransportHeaders().Get<string>(MessageHeaders.FaultMessage));
        Assert.Equal("fault", letter.GetTransportHeaders().Get<string>(MessageHeaders.Reason));
        Assert.Equal(1, (await Queue(bus))?.DeadLettered);

        Assert.Equal(1, await bus.Services.GetRequiredService<SqliteQueues>().Requeue("notes"));
        Assert.Equal(["acme"], await received.AtLeast(1));
    }

    /// <summary>A queue's retries are redeliveries to MassTransit, and it counts them as such.</summary>
    [Fact]
    public async Task A_fault_and_a_dead_letter_say_how_often_the_message_was_delivered_again()
    {
        var counts = new Received<(int? Redeliveries, int? Retries)>();
        var policy = new QueuePolicy { Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(20), RetryStrategy = RetryStrategy.Fixed };
        var bus = await Start(
            x =>
            {
                x.AddHandler((ConsumeContext<Note> _) => Task.FromException(new InvalidOperationException("boom")))
                    .Endpoint(endpoint => endpoint.Name = "notes");
                x.AddHandler((ConsumeContext<Fault<Note>> context) =>
                {
                    counts.Add((
                        context.Headers.Get<int>(MessageHeaders.FaultRedeliveryCount),
                        context.Headers.Get<int>(MessageHeaders.FaultRetryCount)));
                    return Task.CompletedTask;
                });
            },
            policy);

        await Send(bus, new Note(1));

        Assert.Equal([(2, null)], await counts.AtLeast(1));
        await QueueWhen(bus, queue => queue.Ready == 1, "a dead letter", "notes-dlq");
        Assert.Equal(2, Assert.Single(await DeadLetters(bus)).GetTransportHeaders().Get<int>(MessageHeaders.RedeliveryCount));
    }

    [Fact]
    public async Task A_message_that_nobody_handles_goes_to_the_dead_letters()
    {
        var bus = await StartNotes(_ => Task.CompletedTask);

        await Send(bus, new Other(1));

        await QueueWhen(bus, queue => queue.Ready == 1, "a dead letter", "notes-dlq");
        Assert.Equal("dead-letter", Assert.Single(await DeadLetters(bus)).GetTransportHeaders().Get<string>(MessageHeaders.Reason));
    }

    [Fact]
    public async Task A_message_past_its_time_is_not_handled()
    {
        var received = new Received<int>();
        var sender = await Start();
        await Send(sender, new Note(1), context => context.TimeToLive = TimeSpan.FromMilliseconds(1));
        await Send(sender, new Note(2), context => context.TimeToLive = TimeSpan.FromMinutes(5));
        var sent = TimeProvider.System.GetUtcNow();
        await Eventually.True(() => Task.FromResult(TimeProvider.System.GetUtcNow() > sent.AddMilliseconds(20)), TimeSpan.FromSeconds(60),
            "the end of the message's time", Cancel);

        var bus = await StartNotes(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        });

        Assert.Equal([2], await received.AtLeast(1));
        await QueueWhen(bus, queue => queue is { Ready: 0, Locked: 0 }, "an empty queue");
    }

    [Fact]
    public async Task An_expired_message_can_be_kept_among_the_dead_letters()
    {
        var sender = await Start();
        await Send(sender, new Note(1), context => context.TimeToLive = TimeSpan.FromMilliseconds(-1));

        var bus = await StartNotes(_ => Task.CompletedTask, configure: (_, endpoint) => endpoint.DeadLetterExpiredMessages = true);

        await QueueWhen(bus, queue => queue.Ready == 1, "a dead letter", "notes-dlq");
        Assert.Equal("expired", Assert.Single(await DeadLetters(bus)).GetTransportHeaders().Get<string>(MessageHeaders.Reason));
    }

    [Fact]
    public async Task Dead_letters_can_be_received_like_any_other_message()
    {
        var received = new Received<int>();
        var bus = await StartNotes(_ => throw new InvalidOperationException("boom"));
        await Start(x => x.AddHandler((ConsumeContext<Note> context) =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }).Endpoint(endpoint =>
        {
            endpoint.Name = "notes-dlq";
            endpoint.ConfigureConsumeTopology = false;
        }));

        await Send(bus, new Note(3));

        Assert.Equal([3], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_purged_queue_is_empty()
    {
        var bus = await Start();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2500), Cancel, async (number, _) => await Send(bus, new Note(number)));

        Assert.Equal(2500, await bus.Services.GetRequiredService<SqliteQueues>().Purge("notes"));

        Assert.Equal(0, (await Queue(bus))?.Ready);
    }

    [Fact]
    public async Task Working_on_a_queue_that_does_not_exist_says_so()
    {
        var bus = await Start();

        var exception = await Assert.ThrowsAsync<SqliteTransportException>(() =>
            bus.Services.GetRequiredService<SqliteQueues>().Purge("nowhere"));

        Assert.Equal($"The queue nowhere does not exist in {File.Path}. Start the endpoint that receives from it, or correct the address.",
            exception.Message);
    }

    [Fact]
    public async Task A_message_for_a_queue_that_does_not_exist_is_refused_and_declares_none()
    {
        var bus = await Start();

        var sent = await Assert.ThrowsAsync<SqliteTransportException>(() => Send(bus, new Note(1), queue: "nowhere"));
        var delayed = await Assert.ThrowsAsync<SqliteTransportException>(
            () => Send(bus, new Note(2), context => context.Delay = TimeSpan.FromSeconds(1), "nowhere"));

        var expected = $"The queue nowhere does not exist in {File.Path}. "
            + "Start the endpoint that receives from it, or correct the address.";
        Assert.Equal((expected, expected), (sent.Message, delayed.Message));
        Assert.Null(await Queue(bus, "nowhere"));
    }

    async Task<List<Message>> DeadLetters(IHost bus)
    {
        Assert.NotNull(await Queue(bus, "notes-dlq"));
        using var database = Database.Open(File.Path, TimeSpan.FromSeconds(1), readOnly: true);
        using var rows = database.PrepareOnce(
            $"SELECT {MessageReader.Columns} JOIN queue q ON q.id = d.queue_id WHERE q.name = 'notes-dlq'");
        return MessageReader.Read(rows, new BrokerQueue(0, "notes-dlq"));
    }
}
