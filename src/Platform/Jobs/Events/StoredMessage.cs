using System.Text.Json;

namespace Maestro.Bus.Jobs;

/// <summary>A message that was made ready to be sent later.</summary>
public sealed record StoredMessage(Guid MessageId, string Destination, byte[] Metadata, byte[] Body)
{
    internal static StoredMessage Of(WaitingMessage message) => new(message.MessageId, message.Destination, message.Metadata, message.Body);

    internal static StoredMessage Read(string json) => JsonSerializer.Deserialize<StoredMessage>(json)!;

    internal string Write() => JsonSerializer.Serialize(this);

    /// <summary>The message for the outbox, in order with others of the same key.</summary>
    internal WaitingMessage ToOutbox(string orderingKey) => new()
    {
        MessageId = MessageId,
        Destination = Destination,
        Metadata = Metadata,
        Body = Body,
        OrderingKey = orderingKey,
        Partition = OutboxPartitions.Of(orderingKey),
    };
}
