namespace Maestro.Bus.Riders.Kafka.Tests;

public sealed class KafkaBusTests(KafkaBroker broker) : RiderBusSuite<KafkaBroker>(broker)
{
    protected override IEnumerable<KeyValuePair<string, string?>> RiderSettings =>
    [
        new("Bus:Kafka:BootstrapServers", Broker.Server.BootstrapServers),
        new("Bus:Kafka:Producer:Linger", "1ms"),
        new("Bus:Kafka:Topics:Create", Broker.Server.IsMock ? "false" : "true"),
        new("Bus:Kafka:Properties:topic.metadata.refresh.interval.ms", "300"),
        new("Bus:Kafka:Consumer:CommitInterval", "100ms"),
        new("Bus:Kafka:Consumer:SessionTimeout", "20s"),
    ];

    protected override BusRider CreateRider() => new KafkaRider();
}
