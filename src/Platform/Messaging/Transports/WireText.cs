using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Reads what a broker keeps as bytes, whether they are a text or not.</summary>
public static class WireText
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>A text where the bytes are one in UTF-8, or else the bytes.</summary>
    public static object OrBytes(byte[] value)
    {
        try
        {
            return Strict.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            // Foreign programs may write what they like.
            return value;
        }
    }
}
