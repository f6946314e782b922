namespace Maestro.Bus.Messaging.Tests;

public sealed class MemoryTransportTests(MemoryBroker broker) : TransportSuite<MemoryBroker>(broker);
