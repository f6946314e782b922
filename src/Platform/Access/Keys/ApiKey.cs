using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Access;

/// <summary>An API key: a prefix that shows what it is, wherever it turns up, and 256 random bits.</summary>
static class ApiKey
{
    public const string Prefix = "mbk_";

    const int Bytes = 32;

    /// <summary>Makes a new one.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Tells whether a text is a key that <see cref="New"/> has made.</summary>
    public static bool IsValid(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Prefix.Length), out var length)
            && length == Bytes;

    /// <summary>Makes the form in which it is stored: its SHA-256 in hexadecimal digits. A random key needs no salt.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(Digest(key));

    public static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
