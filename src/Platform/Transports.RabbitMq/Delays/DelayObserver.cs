using System.Diagnostics;
using System.Runtime.CompilerServices;
using MassTransit.Context;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Prepares every message for RabbitMQ: has those for a queue reach it or come back, and sends those that have a delay through the delay
/// levels, whoever set the delay:
/// redelivery, the message scheduler or the sender.
/// </summary>
sealed class DelayObserver(DelayTopology delays, DeclaredTopology topology, MessageProperties messageProperties)
    : SendingObserver
{
    const string Exchange = "RMQ-Exchange";
    const string RoutingKey = "RMQ-RoutingKey";
    const string DefaultExchange = "";

    // An endpoint gives all its messages the same address.
    readonly ConditionalWeakTable<Uri, Queue> _queues = [];

    public override Task PreSend<T>(SendContext<T> context)
    {
        messageProperties.Prepare(context);

        if (context.TryGetPayload(out RabbitMqSendContext? rabbit) && rabbit is TransportSendContext transport)
        {
            Address(context.DestinationAddress, rabbit, transport);
            if (context.Delay > TimeSpan.Zero)
                return Reroute(context, rabbit, transport, context.Delay.Value);
        }

        return Task.CompletedTask;
    }

    public override Task PrePublish<T>(PublishContext<T> context) => PreSend(context);

    /// <summary>
    /// What is for a queue must reach one. A queue of this process has its exchange, which others may have bound queues to as well; one
    /// that this process does not declare is
    /// reached through the broker's default exchange, whoever it belongs to.
    /// </summary>
    void Address(Uri? destination, RabbitMqSendContext context, TransportSendContext transport)
    {
        if (topology.Leads(context.Exchange))
        {
            context.Mandatory = true;
        }
        else if (destination is not null
            && _queues.GetValue(destination, static address => new Queue(QueueOf(address))) is { Name: { } queue })
        {
            KeepRoutingKey(context);
            context.Mandatory = true;
            Route(transport, DefaultExchange, queue);
        }
    }

    static string? QueueOf(Uri address)
    {
        const string bind = "bind=true";

        if (!address.Scheme.Equals("queue", StringComparison.OrdinalIgnoreCase)
            && !address.Query.Contains(bind, StringComparison.OrdinalIgnoreCase))
            return null;

        var parsed = new RabbitMqEndpointAddress(new Uri("rabbitmq://localhost/"), address);
        return parsed.QueueName ?? parsed.Name;
    }

    async Task Reroute<T>(SendContext<T> context, RabbitMqSendContext rabbit, TransportSendContext transport, TimeSpan delay)
        where T : class
    {
        var isQueue = rabbit.Exchange == DefaultExchange;
        var destination = isQueue ? rabbit.RoutingKey! : rabbit.Exchange;

        // The first message that needs a level waits until it is declared, and is not due later for that.
        var begun = Stopwatch.GetTimestamp();
        await delays.Prepare(DelayLevels.Entry(DelayLevels.Units(delay)), destination, isQueue, context.CancellationToken);
        var units = DelayLevels.Units(delay - Stopwatch.GetElapsedTime(begun));

        if (!isQueue)
            KeepRoutingKey(rabbit);

        rabbit.Mandatory = true;
        Route(transport, DelayTopology.Level(DelayLevels.Entry(units)), DelayLevels.RoutingKey(units, destination));
        context.Delay = null;
    }

    static void KeepRoutingKey(RabbitMqSendContext context)
    {
        if (!string.IsNullOrEmpty(context.RoutingKey))
            context.SetTransportHeader(DelayTopology.RoutingKeyHeader, context.RoutingKey);
    }

    static void Route(TransportSendContext context, string exchange, string routingKey)
    {
        var properties = new Dictionary<string, object>();
        context.WritePropertiesTo(properties);
        properties[Exchange] = exchange;
        properties[RoutingKey] = routingKey;
        context.ReadPropertiesFrom(properties);
    }

    sealed record Queue(string? Name);
}
