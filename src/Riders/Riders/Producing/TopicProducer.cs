using MassTransit.DependencyInjection;
using MassTransit.Middleware;

namespace MaestroBus.Riders;

/// <summary>Writes messages to a topic, or leaves them to the outbox of the scope that it is used in.</summary>
sealed class TopicProducer<T>(TopicTransport transport, ProducerSettings<T> settings, IServiceProvider services) : ITopicProducer<T>
    where T : class
{
    readonly IScopedConsumeContextProvider? _consumed = services.GetService<IScopedConsumeContextProvider>();

    public Task Produce(T message, CancellationToken cancellationToken) => Produce(null, message, null, cancellationToken);

    public Task Produce(string key, T message, CancellationToken cancellationToken) => Produce(key, message, null, cancellationToken);

    public Task Produce(T message, IPipe<StreamSendContext<T>> pipe, CancellationToken cancellationToken) => Produce(null, message, pipe, cancellationToken);

    public async Task Produce(string? key, T message, IPipe<StreamSendContext<T>>? pipe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        var context = new StreamSendContext<T>(message, cancellationToken) { Key = key ?? settings.KeyOf?.Invoke(message), Partition = settings.PartitionOf?.Invoke(message) };
        var consumed = _consumed is { HasContext: true } provider ? provider.GetContext() : null;
        if (consumed is not null)
            context.TransferConsumeContextHeaders(consumed);

        await transport.Prepare(context).ConfigureAwait(false);
        if (pipe is not null)
            await pipe.Send(context).ConfigureAwait(false);
        context.ConversationId ??= NewId.NextGuid();
        context.Complete();

        if (OutboxOf(consumed) is { } outbox)
            await outbox.AddSend(context).ConfigureAwait(false);
        else
            await transport.Write(context, ResultsOf(consumed)).ConfigureAwait(false);
    }

    OutboxSendContext? OutboxOf(ConsumeContext? consumed) => consumed is not null
        ? consumed.TryGetPayload(out OutboxSendContext? outbox) ? outbox : null
        : services.GetService<IScopedBusContextProvider<IBus>>()?.Context as OutboxSendContext;

    static RecordResults? ResultsOf(ConsumeContext? consumed) =>
        consumed is not null && consumed.TryGetPayload(out StreamRecord? record) ? record.Results : null;
}
