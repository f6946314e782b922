using System.Collections.Concurrent;
using MassTransit.Scheduling;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>
/// Serves the queue of the old application's Quartz. It knows what it was asked for, and sends messages when the test says that it is time.
/// </summary>
sealed class OldScheduler : IAsyncDisposable
{
    readonly ConcurrentDictionary<Guid, (Uri Destination, PaymentTimedOut Message)> _messages = [];
    readonly ConcurrentDictionary<string, string> _schedules = [];
    readonly IBusControl _bus;

    OldScheduler(Place place) => _bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
    {
        rabbit.Host(new Uri(place.RabbitMq));
        rabbit.ReceiveEndpoint("quartz", endpoint =>
        {
            endpoint.Handler<ScheduleMessage>(context =>
            {
                var message = context.SerializerContext.DeserializeObject<PaymentTimedOut>(context.Message.Payload)!;
                _messages[context.Message.CorrelationId] = (context.Message.Destination, message);
                return Task.CompletedTask;
            });
            endpoint.Handler<CancelScheduledMessage>(context =>
            {
                _messages.TryRemove(context.Message.TokenId, out _);
                return Task.CompletedTask;
            });
            endpoint.Handler<ScheduleRecurringMessage>(context =>
            {
                _schedules[context.Message.Schedule.ScheduleId] = context.Message.Schedule.ScheduleGroup;
                return Task.CompletedTask;
            });
            endpoint.Handler<CancelScheduledRecurringMessage>(context =>
            {
                _schedules.TryRemove(new(context.Message.ScheduleId, context.Message.ScheduleGroup));
                return Task.CompletedTask;
            });
        });
    });

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The recurring schedules that it holds, as <c>group:id</c>.</summary>
    public IEnumerable<string> Schedules => _schedules.Select(schedule => $"{schedule.Value}:{schedule.Key}");

    /// <summary>The orders whose time to pay it holds.</summary>
    public IEnumerable<Guid> Orders => _messages.Values.Select(scheduled => scheduled.Message.OrderId);

    public static async Task<OldScheduler> Start(Place place)
    {
        var scheduler = new OldScheduler(place);
        await scheduler._bus.StartAsync(Cancellation);
        return scheduler;
    }

    /// <summary>Sends all messages, as Quartz does when their time has come.</summary>
    public async Task Ring()
    {
        foreach (var (token, (destination, message)) in _messages)
        {
            var endpoint = await _bus.GetSendEndpoint(destination);
            await endpoint.Send(
                message, context => context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D")), Cancellation);
            _messages.TryRemove(token, out _);
        }
    }

    public ValueTask DisposeAsync() => new(_bus.StopAsync(CancellationToken.None));
}
