using System.Net.Mime;
using MassTransit.Serialization;

namespace MaestroBus.Compliance;

/// <summary>Serializes any message to the same bytes, and calls them what the bus's own messages are called.</summary>
sealed class RawSerializer(byte[] body) : IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(body);
}
