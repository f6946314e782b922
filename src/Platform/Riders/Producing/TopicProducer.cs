using MassTransit.DependencyInjection;
using MassTransit.Middleware;

namespace Maestro.Bus.Riders;

/// <summary>Writes messages to a topic, or leaves them to the outbox of the scope that it is used in.</summary>
/// <param name="transport">The way to the topic.</param>
/// <param name="settings">What is declared of the producer.</param>
/// <param name="services">The scope.</param>
/// <param name="createDefault">Makes the context that a message is sent in, where the producer does not declare how.</param>
sealed class TopicProducer<T>(
    TopicTransport transport, ProducerSettings<T> settings, IServiceProvider services,
    Func<T, CancellationToken, StreamSendContext<T>> createDefault)
    : ITopicProducer<T>
    where T : class
{
    readonly Func<T, CancellationToken, StreamSendContext<T>> _create = settings.Create ?? createDefault;
    readonly IScopedConsumeContextProvider? _consumed = services.GetService<IScopedConsumeContextProvider>();

    public ProducerSettings<T> Settings => settings;

    ConsumeContext? Consumed => _consumed is { HasContext: true } provider ? provider.GetContext() : null;

    public Task Produce(T message, CancellationToken cancellationToken) => Produce(message, null, null, cancellationToken);

    public Task Produce(string key, T message, CancellationToken cancellationToken) =>
        Produce(message, context => context.Key = key, null, cancellationToken);

    public Task Produce(T message, IPipe<StreamSendContext<T>> pipe, CancellationToken cancellationToken) =>
        Produce(message, null, pipe, cancellationToken);

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="setKey">Sets its key; none for what is declared of the producer.</param>
    /// <param name="pipe">Sees it last, before it is written.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task Produce(
        T message, Action<StreamSendContext<T>>? setKey, IPipe<StreamSendContext<T>>? pipe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        var context = _create(message, cancellationToken);
        context.Partition = settings.PartitionOf?.Invoke(message);
        if (setKey is not null)
            setKey(context);
        else if (settings.KeyOf is { } keyOf)
            context.Key = keyOf(message);

        var consumed = Consumed;
        if (consumed is not null)
            context.TransferConsumeContextHeaders(consumed);

        await transport.Prepare(context).ConfigureAwait(false);
        if (pipe is not null)
            await pipe.Send(context).ConfigureAwait(false);
        context.ConversationId ??= NewId.NextGuid();
        if (settings.ValueWriter is { } write)
            context.SetValue(write(message));
        await context.Complete().ConfigureAwait(false);

        if (OutboxOf(consumed) is { } outbox)
            await outbox.AddSend(context).ConfigureAwait(false);
        else
            await transport.Write(context, ResultsOf(consumed)).ConfigureAwait(false);
    }

    /// <summary>Writes that a key is gone.</summary>
    /// <param name="setKey">Sets the key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">The producer chooses partitions by the message, and there is none.</exception>
    public async Task ProduceTombstone(Action<StreamSendContext<T>> setKey, CancellationToken cancellationToken)
    {
        if (settings.PartitionOf is not null)
            throw new InvalidOperationException(
                $"The producer for the topic '{settings.Topic}' chooses the partition by the message, and a record without a value has "
                + "none: it could be in another partition than its key's other records. Declare no Partition, or produce the message with "
                + "a value serializer that returns null.");

        var context = _create(null!, cancellationToken);
        setKey(context);
        context.DestinationAddress = transport.Address;
        context.SupportedMessageTypes = [];
        context.SetValue(null);
        await context.Complete().ConfigureAwait(false);

        var consumed = Consumed;
        if (OutboxOf(consumed) is { } outbox)
            await outbox.AddSend(context).ConfigureAwait(false);
        else
            await transport.WriteRecord(context, ResultsOf(consumed)).ConfigureAwait(false);
    }

    OutboxSendContext? OutboxOf(ConsumeContext? consumed) => consumed is not null
        ? consumed.TryGetPayload(out OutboxSendContext? outbox) ? outbox : null
        : services.GetService<IScopedBusContextProvider<IBus>>()?.Context as OutboxSendContext;

    static RecordResults? ResultsOf(ConsumeContext? consumed) =>
        consumed is not null && consumed.TryGetPayload(out StreamRecord? record) ? record.Results : null;
}
