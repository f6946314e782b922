namespace MaestroBus.Messaging;

/// <summary>Keeps the messages in the process: nothing to install, and nothing is left of them when it ends. For tests and trying out.</summary>
public sealed class MemoryTransport : BusTransport
{
    internal const string TransportName = "memory";

    /// <inheritdoc />
    public override string Name => TransportName;

    /// <inheritdoc />
    public override TransportCapabilities Capabilities => TransportCapabilities.None;

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        AddDelayScheduler(bus);
        bus.UsingInMemory((context, memory) =>
        {
            UseDelayScheduler(memory);
            configure(memory);
            memory.ConfigureEndpoints(context);
        });
    }

    /// <inheritdoc />
    public override void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy) =>
        endpoint.ConfigureReceive(receive => receive.UseFilter(new MemoryDeadLetters(DeadLetterQueueNames.Of(queue))));
}
