namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class DeliveryTests : FileBusTest
{
    [Fact]
    public async Task A_message_that_is_sent_is_handled_once_and_leaves_nothing_behind()
    {
        var received = new Received<Note>();
        var bus = await StartNotes(context => Note(received, context));

        await Send(bus, new Note(1, "hello"));

        Assert.Equal([new Note(1, "hello")], await received.AtLeast(1));
        var queue = await QueueWhen(bus, queue => queue is { Locked: 0, Completed: 1 }, "an empty queue");
        Assert.Equal((0, 0, 1), (queue.Ready, queue.Delayed, queue.Delivered));
    }

    [Fact]
    public async Task An_event_reaches_every_subscriber_once_also_by_its_interfaces()
    {
        var dogs = new Received<string>();
        var animals = new Received<string>();
        var others = new Received<string>();
        var bus = await Start(x =>
        {
            x.AddHandler<Dog>(context => Note(dogs, context.Message.Name)).Endpoint(e => e.Name = "dogs");
            x.AddHandler<IAnimal>(context => Note(animals, context.Message.Name)).Endpoint(e => e.Name = "animals");
        });
        await Start(x => x.AddHandler<Dog>(context => Note(others, context.Message.Name)).Endpoint(e => e.Name = "others"));

        for (var i = 0; i < 20; i++)
            await bus.Services.GetRequiredService<IBus>().Publish(new Dog($"dog {i}"), Cancel);

        var names = Enumerable.Range(0, 20).Select(i => $"dog {i}").Order(StringComparer.Ordinal);
        foreach (var received in new[] { dogs, animals, others })
            Assert.Equal(names, (await received.AtLeast(20)).Order(StringComparer.Ordinal));
        await QueueWhen(bus, queue => queue is { Locked: 0, Ready: 0 }, "an empty queue", "others");
    }

    [Fact]
    public async Task A_request_is_answered()
    {
        var bus = await Start(x => x.AddHandler<Ask>(context => context.RespondAsync(new Reply(context.Message.Number * 2))));

        var response = await bus.Services.GetRequiredService<IBus>().Request<Ask, Reply>(new Ask(21), Cancel);

        Assert.Equal(42, response.Message.Number);
    }

    [Fact]
    public async Task Competing_consumers_share_a_queue_and_get_each_message_once()
    {
        var first = new Received<int>();
        var second = new Received<int>();
        var policy = new QueuePolicy { Concurrency = 2, Attempts = 1 };
        var bus = await StartNotes(context => Note(first, context.Message.Number), policy);
        await StartNotes(context => Note(second, context.Message.Number), policy);

        await Parallel.ForEachAsync(Enumerable.Range(0, 500), Cancel, async (number, _) => await Send(bus, new Note(number)));

        await QueueWhen(bus, queue => queue is { Ready: 0, Locked: 0 }, "an empty queue");
        Assert.Equal(Enumerable.Range(0, 500), first.Items.Concat(second.Items).Order());
    }

    [Fact]
    public async Task Headers_of_every_type_and_the_ids_arrive()
    {
        var received = new TaskCompletionSource<ConsumeContext<Note>>();
        var seen = new Dictionary<string, object?>();
        var moment = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        var id = NewId.NextGuid();
        var bus = await StartNotes(context =>
        {
            seen["text"] = context.Headers.Get<string>("text");
            seen["number"] = context.Headers.Get<long>("number");
            seen["real"] = context.Headers.Get<double>("real");
            seen["flag"] = context.Headers.Get<bool>("flag");
            seen["id"] = context.Headers.Get<Guid>("id");
            seen["moment"] = context.Headers.Get<DateTime>("moment");
            received.TrySetResult(context);
            return Task.CompletedTask;
        });

        await Send(bus, new Note(1), context =>
        {
            context.CorrelationId = id;
            context.ConversationId = id;
            context.Headers.Set("text", "grüße 😀");
            context.Headers.Set("number", 9_000_000_000L);
            context.Headers.Set("real", 0.25);
            context.Headers.Set("flag", true);
            context.Headers.Set("id", id);
            context.Headers.Set("moment", moment);
        });

        var message = await received.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal(id, message.CorrelationId);
        Assert.Equal(id, message.ConversationId);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["text"] = "grüße 😀",
                ["number"] = 9_000_000_000L,
                ["real"] = 0.25,
                ["flag"] = true,
                ["id"] = id,
                ["moment"] = moment,
            },
            seen);
    }

    [Fact]
    public async Task A_megabyte_arrives_as_it_was_sent()
    {
        var received = new Received<Note>();
        var bus = await StartNotes(context => Note(received, context));
        var text = string.Concat(Enumerable.Repeat("äöü 0123456789\n", 70_000));

        await Send(bus, new Note(1, text));

        Assert.Equal(text, Assert.Single(await received.AtLeast(1)).Text);
    }

    [Fact]
    public async Task A_message_waits_for_its_consumer_through_a_restart()
    {
        var sender = await Start();
        await Send(sender, new Note(7));
        await Stop(sender);

        var received = new Received<Note>();
        await StartNotes(context => Note(received, context));

        Assert.Equal(7, Assert.Single(await received.AtLeast(1)).Number);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_go_to_the_dead_letters_unchanged()
    {
        var bus = await StartNotes(_ => Task.CompletedTask);
        var garbage = new byte[] { 0, 255, 254, 1, 0, 128 };
        var broker = bus.Services.GetRequiredService<SqliteBroker>();

        await broker.Send("notes",
            new Message
            {
                TransportMessageId = NewId.NextGuid(),
                ContentType = "application/json",
                MessageType = "urn:message:X:Y",
                BinaryBody = garbage,
                Priority = 100,
            }, delay: null, Cancel);
        await QueueWhen(bus, queue => queue.Ready == 1, "a dead letter", "notes-dlq");

        using var database = Database.Open(File.Path, TimeSpan.FromSeconds(1), readOnly: true);
        using var row = database.PrepareOnce("SELECT body FROM message");
        Assert.True(row.Step());
        Assert.Equal(garbage, row.Bytes(0));
    }

    static Task Note(Received<Note> received, ConsumeContext<Note> context) => Note(received, context.Message);

    static Task Note<T>(Received<T> received, T item)
    {
        received.Add(item);
        return Task.CompletedTask;
    }
}
