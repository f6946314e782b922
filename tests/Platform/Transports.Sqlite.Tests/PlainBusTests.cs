using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>The transport on a plain bus.</summary>
public sealed class PlainBusTests : PlainBusTest
{
    [Fact]
    public async Task Messages_are_published_to_consumers_and_requests_are_answered()
    {
        var received = new Received<int>();
        var host = await Start(bus =>
        {
            bus.AddHandler((ConsumeContext<Note> context) =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            });
            bus.AddHandler((ConsumeContext<Ask> context) => context.RespondAsync(new Reply(context.Message.Number + 1)));
        });

        await host.Services.GetRequiredService<IBus>().Publish(new Note(1), Cancel);
        await using var scope = host.Services.CreateAsyncScope();
        var answer = await scope.ServiceProvider.GetRequiredService<IRequestClient<Ask>>().GetResponse<Reply>(new Ask(1), Cancel);

        Assert.Equal([1], await received.AtLeast(1));
        Assert.Equal(2, answer.Message.Number);
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Status);
    }

    [Fact]
    public async Task A_message_waits_in_the_file_for_the_next_process()
    {
        var received = new Received<int>();
        var first = await Start(_ => { });
        var endpoint = await first.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:later"));
        await endpoint.Send(new Note(5), Cancel);
        await first.StopAsync(Cancel);

        await Start(bus => bus.AddHandler((ConsumeContext<Note> context) =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }).Endpoint(configured => configured.Name = "later"));

        Assert.Equal([5], await received.AtLeast(1));
    }

    [Fact]
    public async Task An_endpoint_handles_as_many_messages_at_a_time_as_it_says()
    {
        const int limit = 20; // More than an unknown endpoint has.
        var (running, most) = (0, 0);
        var all = new Received<int>();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await Start(
            bus => bus.AddHandler(async (ConsumeContext<Note> context) =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                if (now == limit)
                    full.TrySetResult();
                await full.Task.WaitAsync(context.CancellationToken);
                Interlocked.Decrement(ref running);
                all.Add(context.Message.Number);
            }).Endpoint(endpoint =>
            {
                endpoint.Name = "notes";
                endpoint.PrefetchCount = limit;
                endpoint.ConcurrentMessageLimit = limit;
            }));

        var sender = host.Services.GetRequiredService<IBus>();
        await Task.WhenAll(Enumerable.Range(0, 2 * limit).Select(number => sender.Publish(new Note(number), Cancel)));

        await all.AtLeast(2 * limit);
        Assert.Equal(limit, most);
    }

    [Fact]
    public async Task A_scheduled_message_comes_at_its_time_and_can_be_cancelled()
    {
        var received = new Received<int>();
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.AddHandler((ConsumeContext<Note> context) =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            },
            (_, sql) => sql.UseSqlMessageScheduler());

        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var cancelled = await scheduler.SchedulePublish(TimeSpan.FromSeconds(5), new Note(1), Cancel);
        await scheduler.CancelScheduledPublish(typeof(Note), cancelled.TokenId, Cancel);
        await scheduler.SchedulePublish(TimeSpan.FromSeconds(6), new Note(2), Cancel);

        Assert.Equal([2], await received.AtLeast(1));
    }

    [Fact]
    public async Task A_fault_and_a_dead_letter_say_how_often_the_message_was_tried_again()
    {
        var (faults, letters) = (new Received<int?>(), new Received<int?>());
        var host = await Start(
            bus =>
            {
                bus.AddHandler((ConsumeContext<Note> _) => Task.FromException(new InvalidOperationException("boom"))).Endpoint(
                    endpoint => endpoint.Name = "notes");
                bus.AddHandler((ConsumeContext<Fault<Note>> context) =>
                    Add(faults, context.Headers.Get<int>(MessageHeaders.FaultRetryCount)));
                bus.AddConfigureEndpointsCallback((_, endpoint) => endpoint.UseMessageRetry(retry => retry.Immediate(3)));
            },
            (_, sql) => sql.ReceiveEndpoint("notes-dlq", endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Handler<Note>(context =>
                    Add(letters, context.ReceiveContext.TransportHeaders.Get<int>(MessageHeaders.FaultRetryCount)));
            }));

        await host.Services.GetRequiredService<IBus>().Publish(new Note(1), Cancel);

        Assert.Equal([3], await faults.AtLeast(1));
        Assert.Equal([3], await letters.AtLeast(1));
    }

    [Fact]
    public async Task A_scheduled_message_that_fails_is_delivered_again_and_its_fault_says_how_often()
    {
        var (attempts, faults) = (new Received<int>(), new Received<int?>());
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.AddHandler((ConsumeContext<Note> context) =>
                {
                    attempts.Add(context.GetRedeliveryCount());
                    throw new InvalidOperationException("boom");
                }).Endpoint(endpoint => endpoint.Name = "notes");
                bus.AddHandler((ConsumeContext<Fault<Note>> context) =>
                    Add(faults, context.Headers.Get<int>(MessageHeaders.FaultRedeliveryCount)));
                bus.AddConfigureEndpointsCallback((_, endpoint) =>
                    endpoint.UseDelayedRedelivery(retry => retry.Intervals(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20))));
            },
            (_, sql) => sql.UseSqlMessageScheduler());

        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMessageScheduler>().SchedulePublish(
            TimeSpan.FromMilliseconds(100), new Note(1), Cancel);

        Assert.Equal([2], await faults.AtLeast(1));
        Assert.Equal([0, 1, 2], await attempts.AtLeast(3));
    }

    static void InterlockedMax(ref int target, int value)
    {
        for (var known = Volatile.Read(ref target); known < value; known = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, known);
    }
}
