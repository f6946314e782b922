namespace MaestroBus.Compliance;

/// <summary>What a test does with a message from a queue.</summary>
/// <typeparam name="TMessage">The message.</typeparam>
/// <typeparam name="TKey">Tells apart the consumers of one message.</typeparam>
public sealed record Handler<TMessage, TKey>(string Queue, Func<ConsumeContext<TMessage>, Task> Handle)
    where TMessage : class;

/// <summary>Leaves a message to the test. Generic, so that no bus finds it by itself: a test says which ones its bus has.</summary>
public sealed class Probe<TMessage, TKey>(Handler<TMessage, TKey> handler) : IConsumer<TMessage>
    where TMessage : class
{
    public Task Consume(ConsumeContext<TMessage> context) => handler.Handle(context);
}

public sealed class ProbeDefinition<TMessage, TKey> : ConsumerDefinition<Probe<TMessage, TKey>>
    where TMessage : class
{
    public ProbeDefinition(Handler<TMessage, TKey> handler) => EndpointName = handler.Queue;
}
