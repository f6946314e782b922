using System.Net.Mime;
using System.Text.Json;
using MassTransit.Serialization;

namespace MaestroBus.Riders;

/// <summary>Writes a message as plain JSON, which any program can read. What is said about the message is in the record's headers.</summary>
sealed class RecordSerializer : IMessageSerializer
{
    // The pipeline's own options write for people to read, at twice the length.
    static readonly JsonSerializerOptions Options = new(SystemTextJsonMessageSerializer.Options) { WriteIndented = false };

    public static RecordSerializer Instance { get; } = new();

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(JsonSerializer.SerializeToUtf8Bytes(context.Message, Options));
}
