using System.Buffers;

namespace MaestroBus.Ingress;

/// <summary>A request's body in a pooled buffer, which grows with what arrives and not with what the sender announces.</summary>
sealed class WebhookBody : IDisposable
{
    const int FirstSize = 16 * 1024;
    const int GrowthFactor = 4;

    byte[] _buffer;
    int _length;

    WebhookBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Reads the body; none where it is longer than allowed, of which no more than the limit is read.</summary>
    public static async Task<WebhookBody?> Read(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            return null;

        var body = new WebhookBody(FirstSize);
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
        while (_length < limit)
        {
            if (_length == _buffer.Length)
                Grow(limit);

            var read = await stream.ReadAsync(_buffer.AsMemory(_length, Math.Min(_buffer.Length, limit) - _length), cancellationToken);
            if (read == 0)
                return true;

            _length += read;
        }

        // One byte more tells a body that is too long from one that just fits.
        return await stream.ReadAsync(new byte[1], cancellationToken) == 0;
    }

    void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer.Length * GrowthFactor, limit));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
