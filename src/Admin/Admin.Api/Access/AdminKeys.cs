using System.Security.Cryptography;
using System.Text;

namespace MaestroBus.Admin.Api;

/// <summary>Finds the caller that a key belongs to.</summary>
sealed class AdminKeys(AdminSettings settings)
{
    // Digests are of one length, so that a comparison tells nothing about the key's.
    readonly List<(string Name, byte[] Digest, AdminRole Role)> _keys = [.. settings.Keys.Select(key => (key.Key, Digest(key.Value.Key), key.Value.Role))];

    public bool Any => _keys.Count > 0;

    /// <summary>The key's caller. Takes equally long whichever key it is, and if it is none.</summary>
    public (string Name, AdminRole Role)? Find(string key)
    {
        var digest = Digest(key);
        (string, AdminRole)? found = null;

        foreach (var (name, known, role) in _keys)
            if (CryptographicOperations.FixedTimeEquals(known, digest))
                found = (name, role);

        return found;
    }

    static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
