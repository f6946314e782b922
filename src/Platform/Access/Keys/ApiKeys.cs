using System.Security.Cryptography;

namespace Maestro.Bus.Access;

/// <summary>Finds the caller that a key belongs to.</summary>
sealed class ApiKeys
{
    readonly TimeProvider _time;
    // Development keys are files, whose problems a start check tells of.
    readonly Lazy<List<(byte[] Digest, BusCaller Caller, DateTimeOffset? Expires)>> _keys;

    public ApiKeys(AccessSettings settings, DevelopmentKeys development, TimeProvider time)
    {
        _time = time;
        _keys = new(() =>
        [
            .. settings.Keys.SelectMany(key => key.Value.Digests().Select(hash =>
                (Convert.FromHexString(hash), new BusCaller(key.Key, key.Value.Role, TenantsOf(key.Value.Tenants)), key.Value.Expires))),
            .. development.All.Select(key => (ApiKey.Digest(key.Key), new BusCaller(key.Name, key.Role, null), (DateTimeOffset?)null)),
        ]);
    }

    public bool Any => _keys.Value.Count > 0;

    /// <summary>Finds a key's caller. Takes equally long whichever key it is, and if it is unknown.</summary>
    /// <returns>The caller and null, or null and the reason.</returns>
    public (BusCaller? Caller, string? Refusal) Find(string key)
    {
        var digest = ApiKey.Digest(key);
        (byte[] Digest, BusCaller Caller, DateTimeOffset? Expires)? found = null;

        foreach (var known in _keys.Value)
        {
            if (CryptographicOperations.FixedTimeEquals(known.Digest, digest))
                found = known;
        }

        return found switch
        {
            null => (null, "The key is unknown."),
            { Expires: { } expires } expired when expires <= _time.GetUtcNow() =>
                (null, $"The key of {expired.Caller.Name} has expired on {expires:yyyy-MM-dd'T'HH:mm:ssK}."),
            { } valid => (valid.Caller, null),
        };
    }

    internal static IReadOnlySet<string>? TenantsOf(IReadOnlyCollection<string> tenants) =>
        tenants.Contains(BusCaller.AllTenants) ? null : tenants.ToHashSet(StringComparer.Ordinal);
}
