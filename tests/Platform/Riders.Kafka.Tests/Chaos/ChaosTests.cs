namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Processes that read are killed, one after the other.</summary>
public sealed class ChaosTests(KafkaBroker broker) : ChaosScenario<KafkaBroker>(broker);
