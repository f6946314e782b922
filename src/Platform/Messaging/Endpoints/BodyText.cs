using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Reads the bodies that programs outside the bus have written, in the encoding that they say: a byte order mark, or the <c>charset</c> of
/// the content type.
/// </summary>
public static class BodyText
{
    const int ShownLength = 40;

    // The mark of UTF-32 begins like that of UTF-16.
    static readonly Encoding[] Marked = [Encoding.UTF8, Encoding.UTF32, Encoding.Unicode, Encoding.BigEndianUnicode];

    /// <summary>Finds the encoding of a body. A byte order mark tells more surely than a content type.</summary>
    /// <param name="body">The body.</param>
    /// <param name="charset">What its content type says, with or without quotation marks; null or empty for UTF-8.</param>
    /// <param name="mark">The length of the byte order mark.</param>
    /// <returns>The encoding, or null if there is none of this name.</returns>
    public static Encoding? EncodingOf(ReadOnlySpan<byte> body, string? charset, out int mark)
    {
        // No JSON begins like one of the marks, and hardly any text.
        foreach (var encoding in body is [0xEF or >= 0xFE, ..] ? Marked : [])
        {
            if (body.StartsWith(encoding.Preamble))
            {
                mark = encoding.Preamble.Length;
                return encoding;
            }
        }

        mark = 0;
        return charset?.Trim('"') is not { Length: > 0 } name ? Encoding.UTF8 : Named(name);
    }

    /// <summary>Reads a body as text, without its byte order mark. What is not of its encoding becomes U+FFFD.</summary>
    /// <param name="body">The body.</param>
    /// <param name="charset">What its content type says, with or without quotation marks; null or empty for UTF-8.</param>
    /// <returns>The text, or null if there is no encoding of this name.</returns>
    public static string? Read(ReadOnlySpan<byte> body, string? charset) =>
        EncodingOf(body, charset, out var mark)?.GetString(body[mark..]);

    /// <summary>Gives the bytes of a JSON body in UTF-8 without a byte order mark, as all parsers of this process read them.</summary>
    /// <param name="body">The body.</param>
    /// <param name="charset">What its content type says, with or without quotation marks; null or empty for UTF-8.</param>
    /// <returns>The bytes; the same array if they are in UTF-8 already.</returns>
    /// <exception cref="SerializationException">There is no encoding of this name.</exception>
    public static byte[] ToUtf8(byte[] body, string? charset)
    {
        var encoding = EncodingOf(body, charset, out var mark) ?? throw new SerializationException(Unknown(charset!));

        return !IsUtf8(encoding) ? Encoding.UTF8.GetBytes(encoding.GetString(body.AsSpan(mark)))
            : mark == 0 ? body
            : body[mark..];
    }

    /// <summary>Gives the bytes of a body in UTF-8 as <see cref="ToUtf8"/> does where its content type is that of text, and as they are
    /// elsewhere.</summary>
    /// <param name="body">The body.</param>
    /// <param name="contentType">Its content type; null is taken for text.</param>
    /// <exception cref="SerializationException">There is no encoding of the name that the content type has.</exception>
    public static byte[] ToUtf8IfText(byte[] body, string? contentType) =>
        IsText(contentType) ? ToUtf8(body, CharsetOf(contentType)) : body;

    /// <summary>Says that no encoding has a name, for people to read.</summary>
    /// <param name="charset">The name.</param>
    /// <param name="remedy">What to do about it, as a sentence.</param>
    public static string Unknown(string charset, string remedy = "Send it in UTF-8.") =>
        $"It is in the charset '{StorableText.OnOneLine(charset.Trim('"'), ShownLength)}', which is not known. {remedy}";

    /// <summary>Reads the charset out of a content type; null if it has none, or is not one.</summary>
    public static string? CharsetOf(string? contentType)
    {
        // Few name one, and taking a content type apart costs more than looking.
        if (contentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) != true)
            return null;

        try
        {
            return new ContentType(contentType).CharSet;
        }
        catch (FormatException)
        {
            // Programs outside the bus may write what they like.
            return null;
        }
    }

    /// <summary>
    /// Whether a body of this media type is text: JSON, which nearly all are and some do not say, or a text that may be JSON.
    /// </summary>
    public static bool IsText(string? mediaType) =>
        mediaType is null
        || mediaType.Contains("json", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What a message that was received, and is written anew, says of its body: what it came with, without a charset that it has no more.
    /// </summary>
    /// <param name="received">The content type that it came with, as its broker has it.</param>
    /// <param name="context">The message at hand.</param>
    public static string? ContentTypeOfCopy(string? received, ReceiveContext context) =>
        context.ContentType is { CharSet: null } read && CharsetOf(received) is not null ? read.ToString() : received;

    /// <summary>Whether a body is in UTF-8 and has no byte order mark, as all parsers of this process read it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="charset">What its content type says, with or without quotation marks; null or empty for UTF-8.</param>
    public static bool IsUsual(ReadOnlySpan<byte> body, string? charset) =>
        EncodingOf(body, charset, out var mark) is { } encoding && IsUtf8(encoding) && mark == 0;

    /// <summary>Whether text in an encoding is text in UTF-8.</summary>
    internal static bool IsUtf8(Encoding encoding) => encoding is UTF8Encoding or ASCIIEncoding;

    static Encoding? Named(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
