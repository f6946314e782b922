using System.Diagnostics.CodeAnalysis;

namespace MaestroBus.Integration;

/// <summary>The configured APIs, each with its own credentials and resilience pipeline.</summary>
public sealed class ApiAddresses
{
    readonly Dictionary<string, ApiAddress> _addresses;

    internal ApiAddresses(IntegrationSettings settings, string keyFolder, TimeProvider time)
    {
        Settings = settings;
        _addresses = settings.Addresses.ToDictionary(
            entry => entry.Key,
            entry => new ApiAddress(entry.Key, entry.Value, new ApiKey(entry.Key, entry.Value, keyFolder), time),
            StringComparer.OrdinalIgnoreCase);
    }

    internal IntegrationSettings Settings { get; }

    internal IEnumerable<string> Names => _addresses.Keys.Order(StringComparer.Ordinal);

    internal bool TryGet(string name, [NotNullWhen(true)] out ApiAddress? address) => _addresses.TryGetValue(name, out address);
}
