namespace Maestro.Bus.Compliance;

/// <summary>What a test does with a message from a queue.</summary>
/// <typeparam name="TMessage">The message.</typeparam>
/// <typeparam name="TKey">Tells apart the consumers of one message.</typeparam>
public sealed record Handler<TMessage, TKey>(string Queue, Func<ConsumeContext<TMessage>, Task> Handle, bool ReadsRawJson = false)
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
    readonly bool _readsRawJson;

    public ProbeDefinition(Handler<TMessage, TKey> handler) => (EndpointName, _readsRawJson) = (handler.Queue, handler.ReadsRawJson);

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<Probe<TMessage, TKey>> consumerConfigurator,
        IRegistrationContext context)
    {
        if (_readsRawJson)
            endpointConfigurator.UseRawJsonDeserializer();
    }
}
