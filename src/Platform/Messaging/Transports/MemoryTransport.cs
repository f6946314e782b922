namespace MaestroBus.Messaging;

/// <summary>Keeps the messages in the process: nothing to install, and nothing is left of them when it ends. For tests and trying out.</summary>
public sealed class MemoryTransport : BusTransport
{
    internal const string TransportName = "memory";

    /// <inheritdoc />
    public override string Name => TransportName;

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        bus.AddDelayedMessageScheduler();
        bus.UsingInMemory((context, memory) =>
        {
            memory.UseDelayedMessageScheduler();
            configure(memory);
            memory.ConfigureEndpoints(context);
        });
    }
}
