using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>A channel that says what to do about a queue that exists otherwise than it is declared.</summary>
sealed class DeclaringChannelContext(ConnectionContext connection, IChannel channel, IAgent agent, CancellationToken cancellationToken)
    : RabbitMqChannelContext(connection, channel, agent, cancellationToken), ChannelContext
{
    const ushort PreconditionFailed = 406;

    async Task<QueueDeclareOk> ChannelContext.QueueDeclare(
        string queue, bool durable, bool exclusive, bool autoDelete, IDictionary<string, object> arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await QueueDeclare(queue, durable, exclusive, autoDelete, arguments, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed } reason)
        {
            throw new BusConfigurationException(
                $"RabbitMQ has a queue '{queue}' that was declared otherwise, and a queue's arguments cannot be changed ({reason.ReplyText}). Set Bus:RabbitMq:QueueType and "
                + $"Bus:RabbitMq:DeliveryLimit to what they were; or let the queue run empty, delete it (rabbitmqctl delete_queue {queue}) and start again, which declares it anew.",
                exception);
        }
    }
}
