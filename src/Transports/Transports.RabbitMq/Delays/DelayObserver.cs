using System.Diagnostics;
using MassTransit.Context;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>
/// Prepares every message for RabbitMQ, and sends those that have a delay through the delay levels, whoever set the delay: redelivery, the message scheduler or the sender.
/// </summary>
sealed class DelayObserver(DelayTopology topology, MessageProperties messageProperties) : ISendObserver, IPublishObserver
{
    const string Exchange = "RMQ-Exchange";
    const string RoutingKey = "RMQ-RoutingKey";

    public Task PreSend<T>(SendContext<T> context)
        where T : class
    {
        messageProperties.Prepare(context);
        return context.Delay > TimeSpan.Zero ? Reroute(context, context.Delay.Value) : Task.CompletedTask;
    }

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class =>
        PreSend(context);

    public Task PostSend<T>(SendContext<T> context)
        where T : class =>
        Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class =>
        Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;

    async Task Reroute<T>(SendContext<T> context, TimeSpan delay)
        where T : class
    {
        if (!context.TryGetPayload(out RabbitMqSendContext? rabbit) || rabbit is not TransportSendContext transport)
            return;

        // The first message that needs a level waits until it is declared, and is not due later for that.
        var begun = Stopwatch.GetTimestamp();
        await topology.Prepare(DelayLevels.Entry(DelayLevels.Units(delay)), rabbit.Exchange, context.CancellationToken);
        var units = DelayLevels.Units(delay - Stopwatch.GetElapsedTime(begun));

        var properties = new Dictionary<string, object>();
        transport.WritePropertiesTo(properties);
        properties[Exchange] = topology.Level(DelayLevels.Entry(units));
        properties[RoutingKey] = DelayLevels.RoutingKey(units, rabbit.Exchange);
        transport.ReadPropertiesFrom(properties);

        context.Delay = null;
    }
}
