using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Keeps what is published while a receiver's queue does not exist. RabbitMQ drops a message for such a queue, and returns it only if no
/// other queue takes it. So the exchanges of message types are bound to each receiver's queue a second way, through an exchange whose
/// alternate exchange leads to a queue of its own; from there the <see cref="TopologyKeeper"/> has the messages given back. The second way
/// also carries what is published while the first is interrupted; RabbitMQ puts a message into a queue once, however many ways lead there.
/// </summary>
static partial class UnroutedMessages
{
    const string InletSuffix = "-inlet";
    const string KeptSuffix = "-unrouted";
    const int Batch = 100;

    static readonly Dictionary<string, object> NoArguments = [];

    /// <summary>
    /// Declares the second way to a queue. Called whenever its receiver begins, with its queue, exchange and bindings declared.
    /// </summary>
    /// <param name="context">The receiver's channel.</param>
    /// <param name="topology">What this process has declared.</param>
    /// <param name="queue">The receiver's queue.</param>
    /// <param name="exchange">The receiver's exchange.</param>
    /// <param name="type">The type of the bus's queues.</param>
    public static async Task Receive(
        ChannelContext context, DeclaredTopology topology, string queue, string exchange, RabbitMqQueueType type)
    {
        var published = topology.LeadingTo(exchange)
            .Where(binding => !DelayTopology.IsOfDelays(binding.Source) && binding.RoutingKey != DeclaringChannelContext.SecondKey)
            .ToList();
        if (published.Count == 0)
            return;

        var (inlet, kept, cancellationToken) = (exchange + InletSuffix, queue + KeptSuffix, context.CancellationToken);
        var arguments = QueueArguments.OfUnrouted(type);
        await context.ExchangeDeclare(kept, ExchangeType.Fanout, durable: true, autoDelete: false, NoArguments, cancellationToken);
        await context.QueueDeclare(kept, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken);
        topology.Add(new DeclaredQueue(kept, arguments!, GivenBackTo: new(queue, inlet)));
        await context.QueueBind(kept, kept, "", NoArguments, cancellationToken);
        await context.ExchangeDeclare(
            inlet, ExchangeType.Fanout, durable: true, autoDelete: false,
            new Dictionary<string, object> { ["alternate-exchange"] = kept }, cancellationToken);
        await context.QueueBind(queue, inlet, "", NoArguments, cancellationToken);

        foreach (var binding in published)
        {
            await context.ExchangeBind(
                inlet, binding.Source, binding.RoutingKey,
                new Dictionary<string, object>(binding.Arguments!), cancellationToken);
        }
    }

    /// <summary>Puts the messages that have been kept for a queue into it, in their order.</summary>
    /// <param name="connection">The connection at hand.</param>
    /// <param name="kept">The queue that has kept them.</param>
    /// <param name="count">How many it holds. It gets a message back if the queue that it is for has been deleted again.</param>
    /// <param name="logger">Is told how many there were.</param>
    /// <param name="cancellationToken">Gives up; what has not been confirmed stays where it is.</param>
    public static async Task GiveBack(
        IConnection connection, DeclaredQueue kept, uint count, ILogger logger, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var (queue, exchange) = kept.GivenBackTo!;
        var given = 0;

        while (given < count)
        {
            var publishes = new List<Task>();
            var last = 0UL;
            while (publishes.Count < Batch
                && given + publishes.Count < count
                && await channel.BasicGetAsync(kept.Name, autoAck: false, cancellationToken) is { } message)
            {
                last = message.DeliveryTag;
                publishes.Add(Publish(message));
            }

            if (publishes.Count == 0)
                break;

            await Task.WhenAll(publishes);
            await channel.BasicAckAsync(last, multiple: true, cancellationToken);
            given += publishes.Count;
        }

        if (given > 0)
            AreGivenBack(logger, queue, given);

        Task Publish(BasicGetResult message)
        {
            // The broker refuses a message with the name of another user.
            var properties = new BasicProperties(message.BasicProperties);
            properties.ClearUserId();
            return channel.BasicPublishAsync(exchange, message.RoutingKey, mandatory: true, properties, message.Body, cancellationToken)
                .AsTask();
        }
    }

    [LoggerMessage(
        70, LogLevel.Information,
        "The queue '{Queue}' has got {Count} messages that were published while it, or the way to it, was deleted at RabbitMQ")]
    static partial void AreGivenBack(ILogger logger, string queue, int count);
}
