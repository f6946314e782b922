using Maestro.Bus.FromMassTransit.Tests;

[assembly: AssemblyFixture(typeof(Servers))]

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>What both applications run on; each test has a virtual host and a database of its own.</summary>
public sealed class Servers : IAsyncLifetime
{
    public const string Accepted = "accepted-orders";
    public const string Transfers = "bank-transfers";

    KafkaServer? _kafka;

    public RabbitMqServer RabbitMq { get; } = new();

    public PostgresServer Postgres { get; } = new();

    public KafkaServer Kafka => _kafka!;

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await Task.WhenAll(RabbitMq.Start(cancellation), Postgres.Start(cancellation), StartKafka());

        async Task StartKafka()
        {
            _kafka = await KafkaServer.Start(cancellation);
            await _kafka.CreateTopic(Accepted, 2);
            await _kafka.CreateTopic(Transfers, 2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_kafka is not null)
            await _kafka.DisposeAsync();
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
