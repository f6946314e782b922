namespace MaestroBus.Riders;

/// <summary>Shorter ways to write to a topic.</summary>
public static class ProduceExtensions
{
    /// <summary>Writes a message whose headers, ids, key and partition are set by a callback.</summary>
    public static Task Produce<T>(this ITopicProducer<T> producer, T message, Action<StreamSendContext<T>> configure, CancellationToken cancellationToken = default)
        where T : class =>
        producer.Produce(message, Pipe.Execute(configure), cancellationToken);
}
