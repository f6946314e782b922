using System.Collections.Concurrent;
using MassTransit.Scheduling;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>The other applications on the broker: those that ask for orders, and those that hear of them.</summary>
sealed class World : IAsyncDisposable
{
    readonly ConcurrentQueue<(Guid Order, string What)> _heard = [];
    readonly IBusControl _bus;

    World(Place place, Func<Guid, string, IBus, Task> hears) => _bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
    {
        rabbit.Host(new Uri(place.RabbitMq));
        rabbit.ReceiveEndpoint("world", endpoint =>
        {
            endpoint.Handler<OrderAccepted>(context => Hear(context.Message.OrderId, "accepted"));
            endpoint.Handler<OrderPaid>(context => Hear(context.Message.OrderId, "paid"));
            endpoint.Handler<PaymentReceived>(context =>
            {
                Payments.Add(context.Message.OrderId);
                return Task.CompletedTask;
            });
            endpoint.Handler<OrderCancelled>(context => Hear(context.Message.OrderId, "cancelled"));
        });

        Task Hear(Guid order, string what)
        {
            _heard.Enqueue((order, what));
            return hears(order, what, _bus!);
        }
    });

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The payments that were told of.</summary>
    public ConcurrentBag<Guid> Payments { get; } = [];

    /// <summary>What was told of orders, and how often.</summary>
    public IReadOnlyDictionary<(Guid Order, string What), int> Heard => _heard.CountBy(heard => heard).ToDictionary();

    public static async Task<World> Start(Place place, Func<Guid, string, IBus, Task>? hears = null)
    {
        var world = new World(place, hears ?? ((_, _, _) => Task.CompletedTask));
        await world._bus.StartAsync(Cancellation);
        return world;
    }

    public static SubmitOrder Order(Guid? id = null, TimeSpan? payWithin = null) =>
        new(id ?? NewId.NextGuid(), "Ada", 12.5m, payWithin ?? TimeSpan.FromHours(1));

    public async Task Submit(SubmitOrder order, Guid? messageId = null) => await Send("submit-order", order, context =>
        context.MessageId = messageId ?? context.MessageId);

    public Task Pay(Guid order) => _bus.Publish(new PaymentReceived(order), Cancellation);

    /// <summary>Sends what a scheduler sends when the time to pay is over.</summary>
    public Task TimeOut(Guid order, Guid token) => Send("order-state", new PaymentTimedOut(order), context =>
        context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D")));

    /// <summary>Has a scheduler tell the world each second that an order was paid.</summary>
    /// <param name="scheduler">The scheduler's queue.</param>
    /// <param name="order">The order.</param>
    public async Task Repeat(string scheduler, Guid order)
    {
        var endpoint = await _bus.GetSendEndpoint(new Uri($"queue:{scheduler}"));
        await endpoint.ScheduleRecurringSend(new Uri("queue:world"), new EverySecond(), new PaymentReceived(order), Cancellation);
    }

    /// <summary>Cancels what <see cref="Repeat"/> has begun.</summary>
    /// <param name="scheduler">The scheduler's queue.</param>
    public async Task StopRepeating(string scheduler)
    {
        var (schedule, endpoint) = (new EverySecond(), await _bus.GetSendEndpoint(new Uri($"queue:{scheduler}")));
        await endpoint.CancelScheduledRecurringSend(schedule.ScheduleId, schedule.ScheduleGroup);
    }

    public ValueTask DisposeAsync() => new(_bus.StopAsync(CancellationToken.None));

    async Task Send<T>(string queue, T message, Action<SendContext<T>> configure)
        where T : class
    {
        var endpoint = await _bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, Pipe.Execute(configure), Cancellation);
    }

    sealed class EverySecond : DefaultRecurringSchedule
    {
        public EverySecond() => (ScheduleId, ScheduleGroup, CronExpression) = ("payments", "orders", "* * * * * ?");
    }
}
