namespace Maestro.Bus.Riders.Tests;

public sealed class MemoryBusTests(MemoryStreamBroker broker) : RiderBusSuite<MemoryStreamBroker>(broker)
{
    protected override IEnumerable<KeyValuePair<string, string?>> RiderSettings => [new("Bus:MemoryStreams:Enabled", "true")];

    protected override BusRider CreateRider() => new MemoryRider(Broker.Streams);
}
