namespace Maestro.Bus.Riders.Tests;

/// <summary>Streams in memory as a rider of the whole bus.</summary>
public sealed class MemoryRider(MemoryStreams streams) : StreamBusRider<MemoryPlugin>
{
    public override string Name => "memory-streams";

    public override string Section => "MemoryStreams";

    public override void AddServices(BusBuilder bus) => bus.AddSettings<MemorySettings>(Section);

    protected override void Use(
        IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure) =>
        rider.UsingMemoryStreams(streams, configure);

    public sealed class MemorySettings
    {
        public bool Enabled { get; set; }
    }
}
