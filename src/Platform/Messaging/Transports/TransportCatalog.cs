using System.Reflection;

namespace MaestroBus.Messaging;

/// <summary>The transports that a host can run on.</summary>
sealed class TransportCatalog(IEnumerable<BusTransport> transports)
{
    readonly List<BusTransport> _transports = [new MemoryTransport(), .. transports.OrderBy(transport => transport.Name, StringComparer.Ordinal)];

    public IEnumerable<string> Sections => _transports.Select(transport => transport.Section).OfType<string>();

    public static TransportCatalog Of(Assembly host) =>
        new(BusParts.Named("BusTransport", host).Select(assembly => BusParts.Single<BusTransport>(assembly, "src/Transports")));

    public BusTransport Choose(string name, SettingsProblems problems)
    {
        if (_transports.Find(transport => transport.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } chosen)
            return chosen;

        problems.Add("Bus:Transport", name, $"Use one of {string.Join(", ", _transports.Select(transport => transport.Name))}.");
        return _transports[0];
    }
}
