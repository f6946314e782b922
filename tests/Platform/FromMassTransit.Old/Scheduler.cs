using System.Collections.Concurrent;
using MassTransit.Scheduling;

namespace Acme.Orders.Old;

/// <summary>The timers of messages that were scheduled with this host, as long as it lives.</summary>
sealed class Scheduler(TimeProvider time) : IDisposable
{
    readonly ConcurrentDictionary<Guid, ITimer> _timers = new();

    public Scheduler()
        : this(TimeProvider.System)
    {
    }

    public void Keep(Guid token, DateTime due, Action send)
    {
        var wait = due - time.GetUtcNow().UtcDateTime;
        _timers[token] = time.CreateTimer(_ => send(), null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    public void Cancel(Guid token)
    {
        if (_timers.TryRemove(token, out var timer))
            timer.Dispose();
    }

    public void Dispose()
    {
        foreach (var timer in _timers.Values)
            timer.Dispose();
    }
}

/// <summary>Takes what MassTransit with Quartz takes from its queue. The application schedules one kind of message.</summary>
sealed class SchedulerConsumer(Scheduler scheduler, IBus bus) : IConsumer<ScheduleMessage>, IConsumer<CancelScheduledMessage>
{
    public Task Consume(ConsumeContext<ScheduleMessage> context)
    {
        var (token, destination) = (context.Message.CorrelationId, context.Message.Destination);
        var message = context.SerializerContext.DeserializeObject<PaymentTimedOut>(context.Message.Payload)!;
        scheduler.Keep(token, context.Message.ScheduledTime, () => _ = Send(token, destination, message));
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<CancelScheduledMessage> context)
    {
        scheduler.Cancel(context.Message.TokenId);
        return Task.CompletedTask;
    }

    async Task Send(Guid token, Uri destination, PaymentTimedOut message)
    {
        var endpoint = await bus.GetSendEndpoint(destination);
        await endpoint.Send(message, context => context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D")));
        scheduler.Cancel(token);
    }
}
