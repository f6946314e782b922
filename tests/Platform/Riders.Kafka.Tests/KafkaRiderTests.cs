namespace Maestro.Bus.Riders.Kafka.Tests;

public sealed class KafkaRiderTests(KafkaBroker broker) : RiderSuite<KafkaBroker>(broker);
