using System.IO.Compression;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>
/// An exception as a whole, with all its inner ones and stack traces, small enough for a header: stack traces shrink to a tenth when they
/// are compressed.
/// </summary>
public static class FaultDetail
{
    /// <summary>How many characters the longest header has.</summary>
    public const int LongestHeader = 24 * 1024;

    const int LongestText = 256 * 1024;
    const int LongestUnpacked = 4 * LongestText;

    /// <summary>Packs a text into at most so many characters, of which it loses the end if it must; none where nothing fits.</summary>
    public static string? Pack(string text, int limit)
    {
        for (var length = Math.Min(text.Length, LongestText); length > 0; length /= 2)
        {
            var packed = Pack(text.AsSpan(0, length));
            if (packed.Length <= Math.Min(limit, LongestHeader))
                return packed;
        }

        return null;
    }

    /// <summary>Reads what <see cref="Pack(string, int)"/> has written; none where it is something else.</summary>
    public static string? Unpack(string? packed)
    {
        if (string.IsNullOrEmpty(packed) || packed.Length > LongestHeader)
            return null;

        try
        {
            using var brotli = new BrotliStream(new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
            var buffer = new byte[LongestUnpacked];
            return Encoding.UTF8.GetString(buffer, 0, brotli.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or InvalidOperationException)
        {
            // Anybody can send a header of this name.
            return null;
        }
    }

    static string Pack(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            brotli.Write(bytes);

        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}
