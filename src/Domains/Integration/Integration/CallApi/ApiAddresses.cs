using System.Diagnostics.CodeAnalysis;

namespace MaestroBus.Integration;

/// <summary>The configured APIs, each with its own resilience pipeline.</summary>
public sealed class ApiAddresses(IntegrationSettings settings, TimeProvider time)
{
    readonly Dictionary<string, ApiAddress> _addresses = settings.Addresses.ToDictionary(
        entry => entry.Key, entry => new ApiAddress(entry.Key, entry.Value, time), StringComparer.OrdinalIgnoreCase);

    internal IEnumerable<string> Names => _addresses.Keys.Order(StringComparer.Ordinal);

    internal bool TryGet(string name, [NotNullWhen(true)] out ApiAddress? address) => _addresses.TryGetValue(name, out address);
}
