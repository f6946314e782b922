using System.Text;
using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    [Fact]
    public async Task What_fails_for_good_is_announced_and_kept_in_the_dead_letters_with_its_headers()
    {
        var (queue, faults) = (NewQueue(), new Received<Fault<Work>>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime)
            .On<Work>(_ => throw new InvalidOperationException("It cannot be done."))
            .On<Fault<Work>, int>(NewQueue(), context => faults.Add(context.Message)));
        var id = NewId.NextGuid();

        await Send(host, queue, new Work(7, "text"), context =>
        {
            context.MessageId = id;
            context.Headers.Set("origin", "here");
            context.SetTenantId("acme");
        });

        var fault = Assert.Single(await faults.AtLeast(1));
        Assert.Equal(
            (id, 7, "It cannot be done."), (fault.FaultedMessageId, fault.Message.Number, Assert.Single(fault.Exceptions).Message));

        // Nobody reads the dead letters before something is in them.
        var letter = Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal(id, letter.MessageId);
        // Some transports put an envelope around the message.
        var body = JsonElement.Parse(letter.Body);
        Assert.Equal(7, (body.TryGetProperty("message", out var inner) ? inner : body).GetProperty("number").GetInt32());
        Assert.Equal(("here", "acme"), (letter.Headers["origin"], letter.Headers[TenantHeader.Name]));
        Assert.Equal(("fault", "It cannot be done."), (letter.Headers[MessageHeaders.Reason], letter.Headers[MessageHeaders.FaultMessage]));
        Assert.Equal(typeof(InvalidOperationException).FullName, letter.Headers[MessageHeaders.FaultExceptionType]);
        Assert.EndsWith(queue, $"{letter.Headers[MessageHeaders.FaultInputAddress]}");
        Assert.Equal("1", $"{letter.Headers[FailureHeaders.Attempts]}");
    }

    [Fact]
    public async Task Attempts_travel_with_the_message_into_the_dead_letters_and_not_with_what_it_sends()
    {
        var (queue, received, notices) = (NewQueue(), new Received<FailureRecord>(), new Received<FailureRecord>());
        var policy = OneAtATime with { Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(30), RetryStrategy = RetryStrategy.Fixed };
        var host = await Start(new ComplianceDomain(queue, policy)
            .On<Work>(async context =>
            {
                await received.Add(FailureHeaders.FailuresOf(context.Headers));
                await context.Publish(new Notice(context.Message.Number));
                throw new TimeoutException($"Attempt\n{received.Items.Count}");
            })
            .On<Notice, int>(NewQueue(), context => notices.Add(FailureHeaders.FailuresOf(context.Headers))));
        var before = TimeProvider.System.GetUtcNow();

        await SendWork(host, queue, 1);

        var letter = Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal([0, 1, 2], received.Items.Select(failures => failures.Attempts));
        Assert.Equal([null, "System.TimeoutException: Attempt 1", "System.TimeoutException: Attempt 2"],
            received.Items.Select(failures => failures.LastError));
        var first = Assert.Single(received.Items.Skip(1).Select(failures => failures.FirstFailure!.Value).Distinct());
        Assert.InRange(first, before, TimeProvider.System.GetUtcNow());
        Assert.Equal(("3", "System.TimeoutException: Attempt 3"),
            ($"{letter.Headers[FailureHeaders.Attempts]}", letter.Headers[FailureHeaders.LastError]));
        Assert.Equal(first,
            DateTimeOffset.Parse($"{letter.Headers[FailureHeaders.FirstFailure]}", System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(await notices.AtLeast(3), failures => Assert.Equal(new FailureRecord(0, null, null), failures));
    }

    [Fact]
    public async Task What_fails_is_tried_as_often_as_the_policy_says_and_holds_up_nobody_meanwhile()
    {
        var (queue, patient) = (NewQueue(), NewQueue());
        var (received, waiting) = (new Received<int>(), new Received<(int Number, int Retry)>());
        var policy = OneAtATime with
        {
            Attempts = 3,
            FirstRetryDelay = TimeSpan.FromMilliseconds(200),
            RetryStrategy = RetryStrategy.Fixed,
        };
        var host = await Start(
            [
                new($"Bus:Queues:{patient}:Attempts", "3"),
                new($"Bus:Queues:{patient}:FirstRetryDelay", "5m"),
                new($"Bus:Queues:{patient}:Concurrency", "1"),
            ],
            TimeProvider.System,
            new ComplianceDomain(queue, policy)
                .On<Work>(async context =>
                {
                    await received.Add(context.GetRedeliveryCount());
                    throw new TimeoutException("Later, perhaps.");
                })
                .On<Work, int>(patient, async context =>
                {
                    await waiting.Add((context.Message.Number, context.GetRedeliveryCount()));
                    if (context.Message.Number == 1)
                        throw new TimeoutException("Later, perhaps.");
                }));

        await SendWork(host, queue, 1);
        await SendWork(host, patient, 1, 2);

        Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal([0, 1, 2], received.Items);
        // Long before it is tried again.
        Assert.Equal([(1, 0), (2, 0)], await waiting.AtLeast(2));
    }

    /// <summary>
    /// As schedules and programs outside of the bus send them: the failures stand beside the envelope, and the headers within it stay as
    /// they were.
    /// </summary>
    [Fact]
    public async Task What_comes_in_an_envelope_of_its_own_is_tried_as_often_as_the_policy_says()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var policy = OneAtATime with
        {
            Attempts = 3,
            FirstRetryDelay = TimeSpan.FromMilliseconds(100),
            RetryStrategy = RetryStrategy.Fixed,
        };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await received.Add(FailureHeaders.FailuresOf(FailureHeaders.Of(context)).Attempts);
            throw new TimeoutException("Later, perhaps.");
        }));

        await Send(host, queue, new Work(1), context => context.Serializer = new SystemTextJsonMessageSerializer());

        var letter = Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal([0, 1, 2], received.Items);
        Assert.Equal("3", $"{letter.Headers[FailureHeaders.Attempts]}");
    }

    [Fact]
    public async Task A_message_that_nobody_handles_goes_to_the_dead_letters()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Message.Number)));

        await Send(host, queue, new Reply(5), context => context.Headers.Set("origin", "here"));
        await SendWork(host, queue, 1);

        Assert.Equal([1], await received.AtLeast(1));
        var letter = Assert.Single(await (await DeadLettersOf(host, queue)).AtLeast(1));
        Assert.Equal(("here", "dead-letter"), (letter.Headers["origin"], letter.Headers[MessageHeaders.Reason]));
    }

    [Fact]
    public async Task Bytes_that_are_no_message_go_to_the_dead_letters_as_they_are_and_the_queue_goes_on()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Message.Number)));
        byte[][] poison = [[0xFF, 0xFE, 0x00, 0x80], "{ \"message\": "u8.ToArray(), "[]"u8.ToArray(), "null"u8.ToArray(), "{}"u8.ToArray(),
            " "u8.ToArray()];

        foreach (var bytes in poison)
            await broker.SendBytes(BusOf(host), queue, bytes);
        await SendWork(host, queue, 1);

        Assert.Equal([1], await received.AtLeast(1));
        var letters = await (await DeadLettersOf(host, queue)).AtLeast(poison.Length);
        Assert.Equal(poison.Select(Readable), letters.Select(letter => Readable(letter.Body)));
    }

    [Fact]
    public async Task A_message_outlives_the_consumer_that_dies_with_it_or_nothing_outlives_the_process()
    {
        var (queue, gate, received) = (NewQueue(), new Gate(), new Received<(int Number, bool Redelivered)>());
        var domain = new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
        {
            await gate.Pass();
            await received.Add((context.Message.Number, context.ReceiveContext.Redelivered));
        });
        var host = await Start(domain);

        if (Has(TransportCapabilities.Durable))
        {
            await Stop(host);
            host = await Start();
            await SendWork(host, queue, 1);
            await broker.TakeAndDie(queue);
            gate.Open();
            await Start(domain);

            Assert.Equal([(1, true)], await received.AtLeast(1));
        }
        else
        {
            await SendWork(host, queue, 1, 2);
            await gate.Holds(1);
            var stopped = Stop(host);
            gate.Open();
            await stopped;
            var before = received.Items.Count;
            host = await Start(domain);
            await SendWork(host, queue, 3);

            Assert.Equal((3, false), (await received.AtLeast(before + 1))[before]);
        }
    }

    [Fact]
    public async Task A_bus_that_stops_finishes_what_it_has_begun_and_leaves_the_rest_to_others()
    {
        const int count = 200;
        var (queue, gate) = (NewQueue(), new Gate());
        var (first, second) = (new Received<int>(), new Received<int>());
        var policy = new QueuePolicy { Concurrency = 8, Prefetch = 16, Attempts = 1 };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(async context =>
        {
            await gate.Pass();
            await first.Add(context.Message.Number);
        }));
        await SendWork(host, queue, Enumerable.Range(0, count));
        await gate.Holds(8);
        var isDurable = Has(TransportCapabilities.Durable);
        var letters = isDurable ? await DeadLettersOf(await Start(), queue) : new Received<DeadLetter>();

        var stopped = Stop(host);
        gate.Open();
        await stopped;

        var handled = first.Items;
        Assert.InRange(handled.Count, 8, count);
        Assert.Superset(Enumerable.Range(0, 8).ToHashSet(), handled.ToHashSet());
        if (isDurable)
        {
            await Start(new ComplianceDomain(queue, policy).On<Work>(context => second.Add(context.Message.Number)));
            await second.AtLeast(count - handled.Count);
        }

        Assert.Equal(handled.Count, first.Items.Count);
        Assert.Equal(isDurable ? Enumerable.Range(0, count) : handled.Distinct().Order(), first.Items.Concat(second.Items).Order());
        Assert.Empty(letters.Items);
    }

    static string Readable(byte[] bytes) => $"{Convert.ToHexString(bytes)} {Encoding.ASCII.GetString(bytes)}";
}
