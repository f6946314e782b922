using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// The same work with RabbitMQ.Client alone: persistent messages, publisher confirms, a durable queue, an acknowledgement per message.
/// </summary>
static class RawRabbitMq
{
    const string Queue = "raw";

    public static async Task<Contender> Start(string name, string url, bool quorum, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(url) };
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        var consuming = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var publishing = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);

        await consuming.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = quorum ? "quorum" : "classic" },
            cancellationToken: cancellationToken);
        await consuming.BasicQosAsync(0, Contender.Prefetch, false, cancellationToken);

        var arrivals = new Arrivals();
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            JsonSerializer.Deserialize<BenchMessage>(delivery.Body.Span);
            await consuming.BasicAckAsync(delivery.DeliveryTag, false, cancellationToken);
            arrivals.Arrived();
        };
        await consuming.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);

        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        return new Contender(
            name,
            number => publishing.BasicPublishAsync(
                "", Queue, true, properties, JsonSerializer.SerializeToUtf8Bytes(new BenchMessage(number, BenchMessage.Filler)),
                cancellationToken).AsTask(),
            arrivals,
            connection.DisposeAsync);
    }
}
