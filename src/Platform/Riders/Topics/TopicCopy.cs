using MassTransit.Middleware;

namespace Maestro.Bus.Riders;

/// <summary>Writes a message that is published on the bus to a topic, too.</summary>
sealed class TopicCopy(Func<StreamRider> rider, ProducedTopic topic) : ISendCompanion
{
    public async Task Send<T>(SendContext<T> context, OutboxSendContext? outbox)
        where T : class
    {
        var transport = rider().Transport(topic.Topic);
        var copy = transport.CreateContext<string, T>(context.Message, context.CancellationToken);
        copy.MessageId = context.MessageId;
        copy.ConversationId = context.ConversationId ??= NewId.NextGuid();
        copy.InitiatorId = context.InitiatorId;
        copy.Key = topic.Key?.Invoke(context.Message);
        foreach (var (name, value) in context.Headers.GetAll())
            copy.Headers.Set(name, value);
        await transport.Prepare(copy).ConfigureAwait(false);
        copy.CorrelationId ??= context.CorrelationId;
        if (topic.Write is { } write)
            copy.SetValue(write(context.Message));
        await copy.Complete().ConfigureAwait(false);

        if (outbox is not null)
            await outbox.AddSend(copy).ConfigureAwait(false);
        else
            await transport.Write(copy, null).ConfigureAwait(false);
    }
}
