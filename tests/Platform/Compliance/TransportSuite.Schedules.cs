using System.Diagnostics;

namespace Maestro.Bus.Compliance;

public abstract partial class TransportSuite<TBroker>
{
    [Fact]
    public async Task A_scheduled_message_comes_at_its_time_and_not_before()
    {
        var (queue, clock) = (NewQueue(), Stopwatch.StartNew());
        var received = new Received<(int Number, TimeSpan At)>();
        var host = await Start(
            new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add((context.Message.Number, clock.Elapsed))));

        var before = clock.Elapsed;
        await Schedule(host, queue, 900, 1);
        await Schedule(host, queue, 300, 2);
        await SendWork(host, queue, 3);

        var arrived = await received.AtLeast(3);
        Assert.Equal([1, 2, 3], arrived.Select(item => item.Number).Order());
        Assert.All(arrived.OrderBy(item => item.Number).Zip([900, 300, 0]), pair => Assert.True(
            pair.First.At - before >= TimeSpan.FromMilliseconds(pair.Second - 20),
            $"{pair.First.Number} came {pair.First.At - before} after {before}."));
    }

    [Fact]
    public async Task A_consumer_schedules_as_well()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var host = await Start(new ComplianceDomain(queue, OneAtATime).On<Work>(async context =>
        {
            if (context.Message.Number < 3)
                await context.ScheduleSend(Address(queue), TimeSpan.FromMilliseconds(30), new Work(context.Message.Number + 1));
            await received.Add(context.Message.Number);
        }));

        await SendWork(host, queue, 1);

        Assert.Equal([1, 2, 3], await received.AtLeast(3));
    }

    [Fact]
    public async Task A_scheduled_message_that_is_cancelled_does_not_come_or_the_transport_refuses_to_cancel()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var host = await Start(
            [], broker.CreateClock(),
            new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Message.Number)));
        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();

        if (Has(TransportCapabilities.CancelScheduled))
        {
            // Only the test moves the clock: a busy machine may take long to cancel it.
            var scheduled = await Schedule(host, queue, 60_000, 1);
            await scheduler.CancelScheduledSend(scheduled.Destination, scheduled.TokenId, Cancel);
            await Schedule(host, queue, 120_000, 2);
            await broker.Advance(host, TimeSpan.FromMinutes(3));

            Assert.Equal([2], await received.AtLeast(1));
        }
        else
        {
            var scheduled = await Schedule(host, queue, 100, 1);
            var exception = await Assert.ThrowsAsync<NotSupportedException>(() =>
                scheduler.CancelScheduledSend(scheduled.Destination, scheduled.TokenId, Cancel));

            Assert.Contains(
                $"'{host.Services.GetRequiredService<BusTransport>().Name}' cannot cancel a scheduled message. Let the consumer ignore it",
                exception.Message);
            Assert.Equal([1], await received.AtLeast(1));
        }
    }

    [Fact]
    public async Task A_scheduled_message_outlives_the_bus_on_a_durable_transport()
    {
        var (queue, received) = (NewQueue(), new Received<int>());
        var domain = new ComplianceDomain(queue, OneAtATime).On<Work>(context => received.Add(context.Message.Number));
        var host = await Start(domain);

        var isDurable = Has(TransportCapabilities.Durable);
        await Schedule(host, queue, 600, 1);
        await Stop(host);
        host = await Start(domain);
        await Schedule(host, queue, 1200, 2);

        int[] expected = isDurable ? [1, 2] : [2];
        Assert.Equal(expected, await received.AtLeast(expected.Length));
    }

    static async Task<ScheduledMessage<Work>> Schedule(IHost host, string queue, int milliseconds, int number)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        return await scheduler.ScheduleSend(Address(queue), TimeSpan.FromMilliseconds(milliseconds), new Work(number), Cancel);
    }
}
