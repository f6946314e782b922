using MassTransit.InMemoryTransport;

namespace Maestro.Bus.Compliance;

/// <summary>The memory of this process.</summary>
public sealed class MemoryBroker : TransportBroker
{
    public override IEnumerable<KeyValuePair<string, string?>> Settings => [new("Bus:Transport", "memory")];

    public override BusTransport CreateTransport() => new MemoryTransport();

    public override bool HasMovableClock => true;

    public override ValueTask Advance(IHost host, TimeSpan time) =>
        ((IInMemoryDelayProvider)host.Services.GetRequiredService<MassTransit.Transports.IBusInstance>()).Advance(time);

    public override Task TakeAndDie(string queue) => throw new NotSupportedException("A consumer in memory dies with the whole process.");
}
