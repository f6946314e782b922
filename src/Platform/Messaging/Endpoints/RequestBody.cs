using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Maestro.Bus.Messaging;

/// <summary>A request's body in a pooled buffer, which grows with what arrives and not with what the sender announces.</summary>
public sealed class RequestBody : IDisposable
{
    const int FirstSize = 16 * 1024;
    const int GrowthFactor = 4;

    byte[] _buffer;
    int _length;

    RequestBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>The bytes, until it is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>A stream over the bytes, until it is disposed.</summary>
    public Stream Open() => new MemoryStream(_buffer, 0, _length, writable: false);

    /// <summary>Reads the body; none where it is longer than allowed, of which no more than the limit is read.</summary>
    /// <exception cref="BadHttpRequestException">The body is broken, too slow, ends early, or finds no room beside those of
    /// others.</exception>
    public static async Task<RequestBody?> Read(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            return null;

        var body = new RequestBody(FirstSize);
        var complete = false;

        try
        {
            complete = await body.Fill(request, limit, cancellationToken);
            return complete ? body : null;
        }
        catch (IOException exception) when (exception is not (BadHttpRequestException or ConnectionResetException))
        {
            // Kestrel 10 says so of a chunk whose size is larger than any number.
            throw new BadHttpRequestException("The body cannot be read.", StatusCodes.Status400BadRequest, exception);
        }
        finally
        {
            if (!complete)
                body.Dispose();
        }
    }

    /// <summary>
    /// Turns a JSON body into UTF-8 that is in another encoding by its byte order mark or by the charset of its content type.
    /// </summary>
    /// <param name="contentType">The request's content type.</param>
    /// <exception cref="BadHttpRequestException">The charset is not known, or the body is not in it.</exception>
    public void ToUtf8(string? contentType)
    {
        var charset = BodyText.CharsetOf(contentType);
        var encoding = BodyText.EncodingOf(Bytes, charset, out var mark)
            ?? throw new BadHttpRequestException(BodyText.Unknown(charset!), StatusCodes.Status415UnsupportedMediaType);

        // A mark of UTF-8, and what is not UTF-8, is the door's to deal with.
        if (BodyText.IsUtf8(encoding))
            return;

        var text = Decode(encoding, Bytes[mark..]);
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = (utf8, Encoding.UTF8.GetBytes(text, utf8));
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    async Task<bool> Fill(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        var stream = request.Body;

        while (_length < limit)
        {
            if (_length == _buffer.Length)
            {
                var size = Math.Min(_buffer.Length * GrowthFactor, limit);
                if (request.HttpContext.Features.Get<BodyPlace>() is { } place && !await place.Extend(size, cancellationToken))
                    throw new BadHttpRequestException("Too many bodies are being read.", StatusCodes.Status503ServiceUnavailable);

                Grow(size);
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length, Math.Min(_buffer.Length, limit) - _length), cancellationToken);
            if (read == 0)
                return true;

            _length += read;
        }

        // One byte more tells a body that is too long from one that just fits.
        return await stream.ReadAsync(new byte[1], cancellationToken) == 0;
    }

    static string Decode(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;

        try
        {
            return strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new BadHttpRequestException(
                $"It is not text in '{encoding.WebName}', as its content type or its byte order mark says. Send it in UTF-8.",
                StatusCodes.Status415UnsupportedMediaType);
        }
    }

    void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
