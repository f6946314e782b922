using System.Security.Cryptography;
using System.Text;

namespace MaestroBus.Ingress;

/// <summary>The secrets that a provider may have signed with: the one in force, and the one before it while it is being changed.</summary>
sealed class SigningSecrets(params IEnumerable<string?> secrets)
{
    public const int SignatureLength = HMACSHA256.HashSizeInBytes;

    readonly byte[][] _keys = [.. secrets.OfType<string>().Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether one of the signatures is the HMAC-SHA256 of the prefix and the body with one of the secrets.</summary>
    public bool Match(IReadOnlyCollection<byte[]> signatures, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body)
    {
        Span<byte> expected = stackalloc byte[SignatureLength];
        var matches = false;

        foreach (var key in _keys)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(prefix);
            hmac.AppendData(body);
            hmac.GetHashAndReset(expected);

            foreach (var signature in signatures)
                matches |= CryptographicOperations.FixedTimeEquals(signature, expected);
        }

        return matches;
    }

    /// <summary>Reads a signature written in hexadecimal digits.</summary>
    public static byte[]? FromHex(ReadOnlySpan<char> text)
    {
        var signature = new byte[SignatureLength];
        return text.Length == SignatureLength * 2
            && Convert.FromHexString(text, signature, out _, out _) == System.Buffers.OperationStatus.Done
            ? signature
            : null;
    }

    /// <summary>Reads a signature written in base64.</summary>
    public static byte[]? FromBase64(ReadOnlySpan<char> text)
    {
        var signature = new byte[SignatureLength];
        return text.Length <= 44 && Convert.TryFromBase64Chars(text, signature, out var length) && length == SignatureLength
            ? signature
            : null;
    }
}
