namespace Maestro.Bus.Riders.Tests;

/// <summary>Streams in this process.</summary>
public sealed class MemoryStreamBroker : StreamBroker
{
    public MemoryStreams Streams { get; } = new();

    public override void Use(
        IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure) =>
        rider.UsingMemoryStreams(Streams, configure);

    public override void AddProducer<T>(
        IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null) =>
        rider.AddProducer<MemoryPlugin, T>(topic, configure);

    public override IStreamPlugin CreatePlugin() => new MemoryPlugin(Streams);

    public override StreamRider RiderOf(IServiceProvider services) => services.GetRequiredService<StreamRider<MemoryPlugin>>();
}
