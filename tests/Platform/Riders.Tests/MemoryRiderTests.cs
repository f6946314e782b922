namespace Maestro.Bus.Riders.Tests;

public sealed class MemoryRiderTests(MemoryStreamBroker broker) : RiderSuite<MemoryStreamBroker>(broker);
