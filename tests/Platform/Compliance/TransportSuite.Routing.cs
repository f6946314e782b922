namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    [Fact]
    public async Task A_published_message_reaches_every_queue_that_takes_it_once()
    {
        var (first, second, third) = (new Received<int>(), new Received<int>(), new Received<int>());
        var host = await Start(new ComplianceDomain(NewQueue())
            .On<Notice>(context => first.Add(context.Message.Number))
            .On<Notice, int>(NewQueue(), context => second.Add(context.Message.Number))
            .On<Notice, long>(NewQueue(), context => third.Add(context.Message.Number)));

        await Publish(host, new Notice(1));
        foreach (var received in new[] { first, second, third })
            await received.AtLeast(1);
        await Publish(host, new Notice(2));

        foreach (var received in new[] { first, second, third })
            Assert.Equal([1, 2], await received.AtLeast(2));
    }

    [Fact]
    public async Task A_sent_message_reaches_only_the_queue_that_it_is_sent_to()
    {
        var (queue, other) = (NewQueue(), NewQueue());
        var (own, others) = (new Received<int>(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime)
            .On<Work>(context => own.Add(context.Message.Number))
            .On<Work, int>(other, context => others.Add(context.Message.Number)));

        await SendWork(host, queue, 1, 2);
        await SendWork(host, other, 3);

        Assert.Equal([1, 2], await own.AtLeast(2));
        Assert.Equal([3], await others.AtLeast(1));
    }

    [Fact]
    public async Task A_request_gets_its_own_response_among_many()
    {
        var host = await Start(
            new ComplianceDomain(NewQueue()).On<Ask>(context => context.RespondAsync(new Reply(context.Message.Number * 2))));
        var client = BusOf(host).CreateRequestClient<Ask>(Limits.Arrival);

        var replies = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => client.GetResponse<Reply>(new Ask(number), Cancel)));

        Assert.Equal(Enumerable.Range(1, 20).Select(number => number * 2), replies.Select(reply => reply.Message.Number));
    }

    [Fact]
    public async Task A_request_that_fails_gets_the_fault()
    {
        var host = await Start(new ComplianceDomain(NewQueue()).On<Ask>(_ => throw new InvalidOperationException("There is no answer.")));

        var exception = await Assert.ThrowsAsync<RequestFaultException>(() =>
            BusOf(host).CreateRequestClient<Ask>(Limits.Arrival).GetResponse<Reply>(new Ask(1), Cancel));

        Assert.Equal("There is no answer.", Assert.Single(exception.Fault!.Exceptions).Message);
    }

    [Fact]
    public async Task A_hundred_queues_each_get_their_own()
    {
        Type[] keys = [typeof(int), typeof(long), typeof(short), typeof(byte), typeof(uint), typeof(ulong), typeof(ushort), typeof(sbyte),
            typeof(char), typeof(bool)];
        var received = new Received<(string Queue, int Number)>();
        var domain = new ComplianceDomain(NewQueue(), OneAtATime);
        var queues = Enumerable.Range(0, 100).Select(_ => NewQueue()).ToList();
        var on = typeof(ComplianceDomain).GetMethods()
            .Single(method => method.Name == nameof(ComplianceDomain.On) && method.GetGenericArguments().Length == 2);
        for (var i = 0; i < queues.Count; i++)
        {
            var queue = queues[i];
            var handle = (ConsumeContext<Work> context) => received.Add((queue, context.Message.Number));
            on.MakeGenericMethod(typeof(Work), typeof(ValueTuple<,>).MakeGenericType(keys[i / 10], keys[i % 10]))
                .Invoke(domain, [queue, handle]);
        }

        var host = await Start(domain);
        for (var i = 0; i < queues.Count; i++)
            await SendWork(host, queues[i], i);

        Assert.Equal(queues.Select((queue, i) => (queue, i)), (await received.AtLeast(queues.Count)).OrderBy(item => item.Number));
    }

    [Fact]
    public async Task What_a_bus_declares_it_finds_again_after_a_restart()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var domain = new ComplianceDomain(queue, OneAtATime).On<Notice>(context => received.Add(context.Message.Number));
        var host = await Start(domain);
        await Publish(host, new Notice(1));
        await received.AtLeast(1);

        var isDurable = Has(TransportCapabilities.Durable);
        var sender = await Start();
        await Stop(host);
        await Publish(sender, new Notice(2));
        host = await Start(domain);
        await Publish(host, new Notice(3));

        int[] expected = isDurable ? [1, 2, 3] : [1, 3];
        Assert.Equal(expected, await received.AtLeast(expected.Length));
    }

    [Fact]
    public async Task Several_processes_work_on_one_queue_or_each_has_its_own()
    {
        var (queue, gates) = (NewQueue(), new Gate());
        Received<int>[] received = [new(), new()];
        var hosts = new IHost[2];
        for (var i = 0; i < hosts.Length; i++)
        {
            var own = received[i];
            hosts[i] = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
            {
                await gates.Pass();
                await own.Add(context.Message.Number);
            }));
        }

        if (Has(TransportCapabilities.Shared))
        {
            await SendWork(hosts[0], queue, Enumerable.Range(0, 50));
            await gates.Holds(2);
            gates.Open();

            await Eventually.True(() => Task.FromResult(received.Sum(own => own.Items.Count) >= 50), Limits.Arrival, "50 messages", Cancel);
            Assert.Equal(Enumerable.Range(0, 50), received.SelectMany(own => own.Items).Order());
            Assert.All(received, own => Assert.NotEmpty(own.Items));
        }
        else
        {
            gates.Open();
            await SendWork(hosts[0], queue, 0);
            await SendWork(hosts[1], queue, 1);

            Assert.Equal([0], await received[0].AtLeast(1));
            Assert.Equal([1], await received[1].AtLeast(1));
        }
    }
}
