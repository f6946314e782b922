using System.Buffers;

namespace MaestroBus.Ingress;

/// <summary>A request's body in a pooled buffer, which grows with what arrives and not with what the sender announces.</summary>
sealed class WebhookBody : IDisposable
{
    const int FirstSize = 16 * 1024;

    byte[] _buffer;
    int _length;

    WebhookBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Reads the body; none where it is longer than allowed, of which no more than the limit is read.</summary>
    public static async Task<WebhookBody?> Read(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            return null;

        var body = new WebhookBody((int)Math.Min(FirstSize, request.ContentLength + 1 ?? FirstSize));
        var complete = false;

        try
        {
            complete = await body.Fill(request.Body, limit, cancellationToken);
            return complete ? body : null;
        }
        finally
        {
            if (!complete)
                body.Dispose();
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    async Task<bool> Fill(Stream stream, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_length == _buffer.Length)
                Grow();

            // One byte past the limit tells a body that is too long from one that just fits.
            var room = Math.Min(_buffer.Length, limit + 1) - _length;
            var read = await stream.ReadAsync(_buffer.AsMemory(_length, room), cancellationToken);
            _length += read;

            if (read == 0)
                return true;

            if (_length > limit)
                return false;
        }
    }

    void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
