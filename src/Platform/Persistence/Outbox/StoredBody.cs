using System.Net.Mime;
using System.Text;

namespace Maestro.Bus.Persistence;

/// <summary>A body that was serialized when its message was written, and is sent as it is.</summary>
sealed class StoredBody(ContentType contentType, byte[] bytes) : IMessageSerializer, MessageBody
{
    public ContentType ContentType => contentType;

    public long? Length => bytes.Length;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        this;

    public Stream GetStream() => new MemoryStream(bytes, writable: false);

    public byte[] GetBytes() => bytes;

    public string GetString() => Encoding.UTF8.GetString(bytes);
}
