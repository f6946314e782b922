using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Ids that are the same for the same name, so that a repeated event gets the same message or process id each time.</summary>
public static class DeterministicId
{
    /// <summary>Makes an id of the parts that identify something, such as a kind, a tenant and an event's own id.</summary>
    /// <param name="kind">What is identified, such as <c>webhook</c>: things of different kinds never have the same id.</param>
    /// <param name="parts">
    /// What tells one from another, in this order. The tenant belongs to it wherever the other parts come from outside.
    /// </param>
    /// <returns>
    /// A UUID of version 8. Each part goes into it with its length, so that no two lists of parts give the same id: <c>a-b</c> and
    /// <c>c</c> are not <c>a</c> and <c>b-c</c>.
    /// </returns>
    public static Guid Of(string kind, params IReadOnlyList<string> parts) =>
        Of(string.Concat(parts.Prepend(kind).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Length}:{part}"))));

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
