using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// A channel that remembers what is declared on it, says what to do about a queue that exists otherwise than it is declared, and
/// publishes once more what the broker has
/// returned because a queue or binding had been deleted.
/// </summary>
sealed class DeclaringChannelContext(
    ConnectionContext connection, IChannel channel, IAgent agent, TopologyKeeper keeper, CancellationToken cancellationToken)
    : RabbitMqChannelContext(connection, channel, agent, cancellationToken), ChannelContext
{
    /// <summary>
    /// The routing key of the second binding of a fanout exchange, which takes no notice of it: what is published while one of the two is
    /// deleted goes by the other.
    /// </summary>
    public const string SecondKey = "second";

    const ushort NotFound = 404;
    const ushort PreconditionFailed = 406;

    DeclaredTopology Topology => keeper.Topology;

    async Task<QueueDeclareOk> ChannelContext.QueueDeclare(
        string queue, bool durable, bool exclusive, bool autoDelete, IDictionary<string, object> arguments,
        CancellationToken cancellationToken)
    {
        try
        {
            var declared = await QueueDeclare(queue, durable, exclusive, autoDelete, arguments, cancellationToken);
            if (durable && !exclusive && !autoDelete)
                Topology.Add(new DeclaredQueue(queue, arguments!));

            return declared;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed } reason)
        {
            throw new BusConfigurationException(
                $"RabbitMQ has a queue '{queue}' that was declared otherwise, and a queue's arguments cannot be changed "
                + $"({reason.ReplyText}). Set Bus:RabbitMq:QueueType and "
                + $"Bus:RabbitMq:DeliveryLimit to what they were; or let the queue run empty, delete it (rabbitmqctl delete_queue {queue}) "
                + "and start the host again if it has stopped: the queue is declared anew.",
                exception);
        }
    }

    async Task ChannelContext.ExchangeDeclare(
        string exchange, string type, bool durable, bool autoDelete, IDictionary<string, object> arguments,
        CancellationToken cancellationToken)
    {
        try
        {
            await ExchangeDeclare(exchange, type, durable, autoDelete, arguments, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed } reason)
        {
            throw new BusConfigurationException(
                $"RabbitMQ has an exchange '{exchange}' that was declared otherwise, and an exchange cannot be changed "
                + $"({reason.ReplyText}). Delete it, which takes its bindings with it; it is declared anew.",
                exception);
        }

        if (durable && !autoDelete)
            Topology.Add(new DeclaredExchange(exchange, type, arguments!));
    }

    async Task ChannelContext.ExchangeBind(
        string destination, string source, string routingKey, IDictionary<string, object> arguments, CancellationToken cancellationToken)
    {
        await Bind(routingKey);
        if (routingKey.Length == 0 && Topology.HasFanout(source))
            await Bind(SecondKey);

        async Task Bind(string key)
        {
            await ExchangeBind(destination, source, key, arguments, cancellationToken);
            if (Topology.HasExchange(destination) && Topology.HasExchange(source))
                Topology.Add(new DeclaredBinding(source, destination, IsToQueue: false, key, arguments!));
        }
    }

    async Task ChannelContext.QueueBind(
        string queue, string exchange, string routingKey, IDictionary<string, object> arguments, CancellationToken cancellationToken)
    {
        await QueueBind(queue, exchange, routingKey, arguments, cancellationToken);
        if (Topology.HasQueue(queue) && Topology.HasExchange(exchange))
            Topology.Add(new DeclaredBinding(exchange, queue, IsToQueue: true, routingKey, arguments!));
    }

    async Task ChannelContext.BasicPublishAsync(
        string exchange, string routingKey, bool mandatory, BasicProperties basicProperties, byte[] body, bool awaitAck,
        CancellationToken cancellationToken)
    {
        AmqpContent.Keep(basicProperties);

        try
        {
            await Publish();
        }
        catch (MessageReturnedException) when (exchange.Length > 0)
        {
            await keeper.Restore(cancellationToken);

            try
            {
                await Publish();
            }
            catch (MessageReturnedException exception)
            {
                throw new MessageReturnedException(
                    $"RabbitMQ has no queue for what is published to the exchange '{exchange}'. Bind the queue that is to have it; "
                    + "if it is one of this bus, start a host that has it.",
                    exception);
            }
        }
        catch (MessageReturnedException exception)
        {
            throw new MessageReturnedException(Missing(routingKey), exception);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
        {
            // An exchange has been deleted. Whatever else was on its way is published again on another channel, as this is.
            keeper.Wake();
            throw;
        }

        Task Publish() => BasicPublishAsync(exchange, routingKey, mandatory, basicProperties, body, awaitAck, cancellationToken);
    }

    /// <summary>What to do about a queue that does not exist.</summary>
    public static string Missing(string queue) =>
        $"RabbitMQ has no queue '{queue}'. Sending does not declare it: start the program that it belongs to, or declare it, "
        + "and send again.";
}
