namespace Maestro.Bus.Broker.Tests;

public sealed class RabbitMqQuorumTransportTests(RabbitMqQuorumBroker broker) : TransportSuite<RabbitMqQuorumBroker>(broker);

public sealed class RabbitMqClassicTransportTests(RabbitMqClassicBroker broker) : TransportSuite<RabbitMqClassicBroker>(broker);

public sealed class RabbitMqQuorumBroker(RabbitMqFixture rabbit) : RabbitMqBroker(rabbit, RabbitMqQueueType.Quorum);

public sealed class RabbitMqClassicBroker(RabbitMqFixture rabbit) : RabbitMqBroker(rabbit, RabbitMqQueueType.Classic);
