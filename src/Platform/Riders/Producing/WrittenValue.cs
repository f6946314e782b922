using System.Net.Mime;

namespace Maestro.Bus.Riders;

/// <summary>A record's value that is written already.</summary>
sealed class WrittenValue(byte[] bytes, ContentType contentType) : IMessageSerializer
{
    /// <summary>What nobody has said more about.</summary>
    public static ContentType Binary { get; } = new("application/octet-stream");

    public ContentType ContentType => contentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(bytes);
}
