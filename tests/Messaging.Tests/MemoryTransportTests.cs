namespace MaestroBus.Messaging.Tests;

public sealed class MemoryTransportTests(MemoryBroker broker) : TransportSuite<MemoryBroker>(broker);
