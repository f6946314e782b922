using System.Text.Json;
using RabbitMQ.Client;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>A queue without a consumer: it keeps the numbers that the broker has been given, in the order in which it got them.</summary>
sealed class BrokerCopy : IAsyncDisposable
{
    const string Queue = "copy";

    readonly IConnection _connection;
    readonly IChannel _channel;

    BrokerCopy(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<BrokerCopy> Bind(string broker, CancellationToken cancellationToken)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(Queue, $"{typeof(Number).Namespace}:{nameof(Number)}", "", cancellationToken: cancellationToken);
        return new BrokerCopy(connection, channel);
    }

    /// <summary>Takes everything out of the queue; of a message that is in it several times, the first.</summary>
    public async Task<List<Number>> Read(CancellationToken cancellationToken)
    {
        var ids = new HashSet<string?>();
        var numbers = new List<Number>();

        while (await _channel.BasicGetAsync(Queue, autoAck: true, cancellationToken) is { } message)
        {
            if (!ids.Add(message.BasicProperties.MessageId))
                continue;

            using var envelope = JsonDocument.Parse(message.Body);
            numbers.Add(envelope.RootElement.GetProperty("message").Deserialize<Number>(JsonSerializerOptions.Web)!);
        }

        return numbers;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
