using MassTransit.SqlTransport.Topology;
using SqlQueue = MassTransit.SqlTransport.Topology.Queue;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>One endpoint's use of the broker.</summary>
sealed class SqliteClientContext(
    SqliteConnectionContext connection, SqliteBroker broker, Receivers receivers, Func<string, ReceiveLimits> limits,
    CancellationToken cancellationToken)
    : SqlClientContext(connection, cancellationToken), IAsyncDisposable
{
    readonly Guid _consumerId = NewId.NextGuid();
    Receiver? _receiver;
    volatile bool _isClosed;

    public override Task<long> CreateQueue(SqlQueue queue) =>
        broker.DeclareQueue(queue.QueueName, (int?)queue.AutoDeleteOnIdle?.TotalSeconds, queue.MaxDeliveryCount);

    public override Task<long> CreateTopic(Topic topic) => broker.DeclareTopic(topic.TopicName);

    public override Task<long> CreateTopicSubscription(TopicToTopicSubscription subscription) =>
        broker.SubscribeTopic(
            subscription.Source.TopicName, subscription.Destination.TopicName, subscription.SubscriptionType, subscription.RoutingKey);

    public override Task<long> CreateQueueSubscription(TopicToQueueSubscription subscription) =>
        broker.SubscribeQueue(
            subscription.Source.TopicName, subscription.Destination.QueueName, subscription.SubscriptionType, subscription.RoutingKey);

    public override Task<long> PurgeQueue(string queueName, CancellationToken cancellationToken) => broker.Purge(queueName);

    public override Task Send<T>(string queueName, SqlMessageSendContext<T> context) =>
        broker.Send(queueName, Outgoing.Of(context), context.Delay, context.CancellationToken);

    public override Task Publish<T>(string topicName, SqlMessageSendContext<T> context) =>
        broker.Publish(topicName, Outgoing.Of(context), context.Delay, context.CancellationToken);

    public override async Task<IEnumerable<SqlTransportMessage>> ReceiveMessages(
        string queueName, SqlReceiveMode mode, int messageLimit, int concurrentLimit, TimeSpan lockDuration)
    {
        if (_isClosed)
            return [];

        if (_receiver is not { } receiver)
        {
            try
            {
                receiver = await broker.Receive(queueName, limits(queueName), mode, concurrentLimit, lockDuration).ConfigureAwait(false);
            }
            catch (SqliteTransportException)
            {
                // An exception would end the endpoint's loop for good; it asks again after its polling interval.
                return [];
            }

            _receiver = receiver;
            receivers.Attach(receiver);
        }

        var messages = broker.Take(receiver, messageLimit);
        foreach (var message in messages)
            message.ConsumerId = _consumerId;

        return messages;
    }

    /// <summary>A queue that has a receiver is in use.</summary>
    public override Task TouchQueue(string queueName) => Task.CompletedTask;

    /// <summary>A message that was delivered too often is moved when it would be delivered again.</summary>
    public override Task<int?> DeadLetterQueue(string queueName, int messageCount) => Task.FromResult<int?>(0);

    public override Task<bool> DeleteMessage(Guid lockId, long messageDeliveryId) =>
        Task.FromResult(_receiver is { } receiver && broker.Complete(receiver, lockId, messageDeliveryId));

    public override Task<bool> DeleteScheduledMessage(Guid tokenId, CancellationToken cancellationToken) => broker.DeleteScheduled(tokenId);

    public override Task<bool> MoveMessage(
        Guid lockId, long messageDeliveryId, string queueName, SqlQueueType queueType, SendHeaders sendHeaders) =>
        _receiver is { } receiver
            ? broker.MoveToDeadLetters(receiver, lockId, messageDeliveryId, queueName, DeadLetters.Serialize(sendHeaders))
            : Task.FromResult(false);

    public override Task<bool> RenewLock(Guid lockId, long messageDeliveryId, TimeSpan duration)
    {
        // The endpoint has stopped; what it had not begun has been given back, which is no loss to warn of.
        if (_isClosed)
            throw new OperationCanceledException();

        return Task.FromResult(_receiver is { } receiver && broker.Renew(receiver, lockId, messageDeliveryId, duration));
    }

    public override Task<bool> Unlock(Guid lockId, long messageDeliveryId, TimeSpan delay, SendHeaders sendHeaders) =>
        _receiver is { } receiver
            ? broker.Unlock(receiver, lockId, messageDeliveryId, delay, DeadLetters.Serialize(sendHeaders),
                isRefused: sendHeaders.TryGetHeader(MessageHeaders.Reason, out _))
            : Task.FromResult(false);

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        if (_receiver is not { } receiver)
            return;

        receivers.Detach(receiver);

        try
        {
            await broker.Close(receiver).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SqliteTransportException or ObjectDisposedException)
        {
            // The locks end with this process then, if they cannot end now.
        }
    }
}
