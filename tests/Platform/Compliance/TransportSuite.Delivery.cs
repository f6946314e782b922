namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    [Fact]
    public async Task As_many_messages_are_worked_on_at_once_as_the_policy_says_and_no_more()
    {
        const int concurrency = 4;
        var (queue, gate, received) = (NewQueue(), new Gate(), new Received<int>());
        var (running, most) = (0, 0);
        var host = await Start(new ComplianceDomain(
            queue, new QueuePolicy { Concurrency = concurrency, Prefetch = 12, Attempts = 1 }).On<Work>(async context =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await gate.Pass();
            await Task.Yield();
            Interlocked.Decrement(ref running);
            await received.Add(context.Message.Number);
        }));

        await SendWork(host, queue, Enumerable.Range(0, 60));
        await gate.Holds(concurrency);
        gate.Open();

        Assert.Equal(Enumerable.Range(0, 60), (await received.AtLeast(60)).Order());
        Assert.Equal(concurrency, most);
    }

    [Fact]
    public async Task A_busy_consumer_takes_no_more_than_its_prefetch_ahead()
    {
        const int prefetch = 3;
        var (queue, gate) = (NewQueue(), new Gate());
        var (busy, free) = (new Received<int>(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime with { Prefetch = prefetch }).On<Work>(async context =>
        {
            await gate.Pass();
            await busy.Add(context.Message.Number);
        }));

        await SendWork(host, queue, Enumerable.Range(0, 10));
        await gate.Holds(1);
        if (Has(TransportCapabilities.Shared))
        {
            await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(context => free.Add(context.Message.Number)));
            await free.AtLeast(10 - prefetch);
        }

        gate.Open();

        await Eventually.True(
            () => Task.FromResult(busy.Items.Count + free.Items.Count >= 10), Limits.Arrival, "10 messages", Cancel);
        Assert.Equal(Enumerable.Range(0, 10), busy.Items.Concat(free.Items).Order());
        // On a slow machine it may not have had the time to take all that it may.
        var isShared = Has(TransportCapabilities.Shared);
        Assert.InRange(free.Items.Count, isShared ? 10 - prefetch : 0, isShared ? 9 : 0);
    }

    [Fact]
    public async Task One_consumer_gets_a_queue_in_the_order_of_sending()
    {
        var (queue, gate, received) = (NewQueue(), new Gate(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
        {
            await gate.Pass();
            await received.Add(context.Message.Number);
        }));

        await SendWork(host, queue, Enumerable.Range(0, 100));
        gate.Open();
        await SendWork(host, queue, Enumerable.Range(100, 100));

        Assert.Equal(Enumerable.Range(0, 200), await received.AtLeast(200));
    }

    [Fact]
    public async Task A_higher_priority_comes_first_where_the_transport_knows_priorities()
    {
        var (queue, gate, received) = (NewQueue(), new Gate(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
        {
            await gate.Pass();
            await received.Add(context.Message.Number);
        }));

        await SendWork(host, queue, 0);
        await gate.Holds(1);
        foreach (var (number, priority) in new[] { (1, 1), (2, 4), (3, 9), (4, 1), (5, 9) })
            await Send(host, queue, new Work(number), context => context.SetPriority(priority));
        await SendWork(host, queue, 6);
        gate.Open();

        int[] expected = Has(TransportCapabilities.Priority) ? [0, 3, 5, 2, 6, 1, 4] : [0, 1, 2, 3, 4, 5, 6];
        Assert.Equal(expected, await received.AtLeast(7));
    }

    [Fact]
    public async Task A_message_whose_time_is_over_goes_to_the_dead_letters()
    {
        var (queue, gate, received) = (NewQueue(), new Gate(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
        {
            await gate.Pass();
            await received.Add(context.Message.Number);
        }));
        var letters = await DeadLettersOf(host, queue);

        await SendWork(host, queue, 0);
        await gate.Holds(1);
        await Send(host, queue, new Work(1), context =>
        {
            context.TimeToLive = TimeSpan.FromMilliseconds(50);
            context.Headers.Set("origin", "here");
        });
        await Send(host, queue, new Work(2), context => context.TimeToLive = TimeSpan.FromMinutes(5));
        var over = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.True(() => Task.FromResult(over.ElapsedMilliseconds > 200), Limits.Arrival, "the end of its time", Cancel);
        gate.Open();

        Assert.Equal([0, 2], await received.AtLeast(2));
        var letter = Assert.Single(await letters.AtLeast(1));
        Assert.Equal(("here", "expired"), (letter.Headers["origin"], letter.Headers[MessageHeaders.Reason]));
        Assert.Equal([0, 2], received.Items);
    }

    [Fact]
    public async Task A_body_of_a_megabyte_arrives_as_it_was_sent()
    {
        var (queue, received) = (NewQueue(), new Received<Work>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Message)));
        var random = new Random(1);
        var sent = Enumerable.Range(0, 3).Select(number =>
            new Work(number, string.Concat(Enumerable.Range(0, 1 << 18).Select(_ => $"{random.Next(1000, 10_000)}")))).ToList();

        foreach (var work in sent)
            await Send(host, queue, work);

        Assert.Equal(sent, await received.AtLeast(3));
    }

    [Fact]
    public async Task Headers_of_every_type_arrive_as_they_were_sent()
    {
        var (queue, received) = (NewQueue(), new Received<Headers>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Headers)));
        var (id, moment) = (NewId.NextGuid(), new DateTimeOffset(2026, 3, 29, 1, 59, 59, 123, TimeSpan.FromHours(2)).AddTicks(4567));

        await Send(host, queue, new Work(1), context => SetHeaders(context.Headers, id, moment));

        AssertHeaders(Assert.Single(await received.AtLeast(1)), id, moment);
    }

    [Fact]
    public async Task Headers_stay_as_they_were_sent_through_a_retry()
    {
        var (queue, received) = (NewQueue(), new Received<Headers>());
        var policy = OneAtATime with { Attempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(20) };
        var host = await Start(new ComplianceDomain(queue, policy).On<Work>(context =>
            context.GetRedeliveryCount() == 0 ? throw new TimeoutException("The first time.") : received.Add(context.Headers)));
        var (id, moment) = (NewId.NextGuid(), new DateTimeOffset(2026, 10, 25, 2, 0, 0, TimeSpan.FromHours(-9.5)));

        await Send(host, queue, new Work(1), context => SetHeaders(context.Headers, id, moment));

        AssertHeaders(Assert.Single(await received.AtLeast(1)), id, moment);
    }

    static void SetHeaders(SendHeaders headers, Guid id, DateTimeOffset moment)
    {
        headers.Set("string", "Grüße, \"世界\" \U0001F680");
        headers.Set("empty", "");
        headers.Set("int", int.MinValue);
        headers.Set("long", long.MaxValue);
        headers.Set("double", 0.1);
        headers.Set("decimal", 12345678901234567890.12m);
        headers.Set("true", true);
        headers.Set("false", false);
        headers.Set("moment", moment);
        headers.Set("utc", moment.UtcDateTime);
        headers.Set("duration", TimeSpan.FromMilliseconds(1234));
        headers.Set("id", id);
        headers.Set("uri", new Uri("https://example.com/a?b=%20c"));
        headers.Set("list", new[] { "a", "b", "" });
        headers.Set("numbers", new[] { 1, 2, 3 });
        headers.Set("place", new Place("here", new Spot(1, -2)));
    }

    static void AssertHeaders(Headers headers, Guid id, DateTimeOffset moment)
    {
        Assert.Equal("Grüße, \"世界\" \U0001F680", headers.Get<string>("string"));
        Assert.Equal("", headers.Get<string>("empty"));
        Assert.Equal(int.MinValue, headers.Get<int>("int"));
        Assert.Equal(long.MaxValue, headers.Get<long>("long"));
        Assert.Equal(0.1, headers.Get<double>("double"));
        Assert.Equal(12345678901234567890.12m, headers.Get<decimal>("decimal"));
        Assert.True(headers.Get<bool>("true"));
        Assert.False(headers.Get<bool>("false", true));
        Assert.Equal(
            (moment, moment.Offset), (headers.Get<DateTimeOffset>("moment")!.Value, headers.Get<DateTimeOffset>("moment")!.Value.Offset));
        Assert.Equal(moment.UtcDateTime, headers.Get<DateTime>("utc")!.Value.ToUniversalTime());
        Assert.Equal(TimeSpan.FromMilliseconds(1234), headers.Get<TimeSpan>("duration"));
        Assert.Equal(id, headers.Get<Guid>("id"));
        Assert.Equal(new Uri("https://example.com/a?b=%20c"), headers.Get<Uri>("uri"));
        Assert.Equal(["a", "b", ""], headers.Get<string[]>("list")!);
        Assert.Equal([1, 2, 3], headers.Get<int[]>("numbers")!);
        Assert.Equal(new Place("here", new Spot(1, -2)), headers.Get<Place>("place"));
    }

    static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value;)
            seen = Interlocked.CompareExchange(ref most, value, seen) is var previous && previous == seen ? value : previous;
    }
}
