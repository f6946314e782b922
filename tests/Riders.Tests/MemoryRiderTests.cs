namespace MaestroBus.Riders.Tests;

public sealed class MemoryRiderTests(MemoryStreamBroker broker) : RiderSuite<MemoryStreamBroker>(broker);
