using System.Net.Mime;
using MassTransit.Serialization;

namespace Maestro.Bus.Riders;

/// <summary>
/// Writes a message as plain JSON, which any program can read. What is said about the message is in the record's headers.
/// </summary>
sealed class RecordSerializer : IMessageSerializer
{
    public static RecordSerializer Instance { get; } = new();

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(RecordValue.ToBytes(context.Message));
}
