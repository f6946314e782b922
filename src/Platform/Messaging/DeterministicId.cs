using System.Security.Cryptography;
using System.Text;

namespace MaestroBus.Messaging;

/// <summary>Ids that are the same for the same name, so that a repeated event gets the same message or process id each time.</summary>
public static class DeterministicId
{
    /// <summary>A UUID of version 8 (RFC 9562, section 5.8) made of the SHA-256 of a name.</summary>
    public static Guid Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
