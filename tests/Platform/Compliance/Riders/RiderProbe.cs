namespace Maestro.Bus.Compliance;

/// <summary>What a test does with a message from a topic.</summary>
public sealed record RiderHandler<TMessage>(Func<ConsumeContext<TMessage>, Task> Handle)
    where TMessage : class;

/// <summary>Leaves a message from a topic to the test.</summary>
public sealed class RiderProbe<TMessage>(RiderHandler<TMessage> handler) : IConsumer<TMessage>
    where TMessage : class
{
    public Task Consume(ConsumeContext<TMessage> context) => handler.Handle(context);
}
