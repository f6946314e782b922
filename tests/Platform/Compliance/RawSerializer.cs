using System.Net.Mime;
using MassTransit.Serialization;

namespace Maestro.Bus.Compliance;

/// <summary>Serializes any message to the same bytes, and calls them what the bus's own messages are called.</summary>
/// <param name="body">The bytes.</param>
/// <param name="contentType">What they are called instead.</param>
sealed class RawSerializer(byte[] body, string? contentType = null) : IMessageSerializer
{
    public ContentType ContentType { get; } =
        contentType is null ? SystemTextJsonMessageSerializer.JsonContentType : new ContentType(contentType);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(body);
}
