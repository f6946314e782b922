using RabbitMQ.Client;

namespace Maestro.Bus.Broker.Tests;

/// <summary>A virtual host that nobody else uses.</summary>
public abstract class RabbitMqBroker(RabbitMqFixture rabbit, RabbitMqQueueType queueType) : TransportBroker
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    string _url = "";

    public override IEnumerable<KeyValuePair<string, string?>> Settings =>
        [new("Bus:Transport", "rabbitmq"), new("Bus:RabbitMq:Url", _url), new("Bus:RabbitMq:QueueType", $"{queueType}")];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public override BusTransport CreateTransport() => new RabbitMqTransport();

    public override async ValueTask InitializeAsync() => _url = await rabbit.Server.CreateVirtualHost(Cancel);

    public override async Task TakeAndDie(string queue)
    {
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await Eventually.Some(() => channel.BasicGetAsync(queue, autoAck: false, Cancel), Limit, $"a message in {queue}", Cancel);
        await connection.AbortAsync(Cancel);
    }

    /// <summary>Sends as a program would that has never heard of the bus.</summary>
    public override async Task SendBytes(IBus bus, string queue, byte[] body)
    {
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), body, Cancel);
    }

    Task<IConnection> Connect() =>
        new ConnectionFactory { Uri = new Uri(_url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Cancel);
}
