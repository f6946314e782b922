using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>The transports that a host can run on.</summary>
sealed class TransportCatalog(IEnumerable<BusTransport> transports)
{
    readonly List<BusTransport> _transports = [new MemoryTransport(),
        .. transports.OrderBy(transport => transport.Name, StringComparer.Ordinal)];

    public IEnumerable<string> Sections => _transports.Select(transport => transport.Section).OfType<string>();

    public static TransportCatalog Of(Assembly host) =>
        new(BusParts.Named("BusTransport", host).Select(assembly => BusParts.Single<BusTransport>(assembly)));

    /// <summary>Checks the names in the sections of the transports that are not chosen.</summary>
    public void CheckOthers(BusTransport chosen, IConfiguration configuration, SettingsProblems problems)
    {
        foreach (var other in _transports.Where(transport => transport != chosen))
        {
            if (other is { Section: { } section, SettingsType: { } type })
                SettingsBinder.CheckNames(configuration.GetSection($"Bus:{section}"), type, problems);
        }
    }

    public BusTransport Choose(string? name, SettingsProblems problems)
    {
        if (_transports.Find(transport => transport.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } chosen)
            return chosen;

        problems.Add("Bus:Transport", name, $"Use one of {string.Join(", ", _transports.Select(transport => transport.Name))}.");
        return _transports[0];
    }
}
