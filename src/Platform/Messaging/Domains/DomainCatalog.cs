using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>The domains of a host.</summary>
public sealed class DomainCatalog
{
    readonly Dictionary<Assembly, BusDomain> _domains;

    /// <exception cref="BusConfigurationException">Two domains claim one queue.</exception>
    public DomainCatalog(IEnumerable<BusDomain> domains)
    {
        _domains = domains.ToDictionary(domain => domain.GetType().Assembly);

        if (_domains.Values.GroupBy(domain => domain.Queue).FirstOrDefault(group => group.Count() > 1) is { } shared)
            throw new BusConfigurationException(
                $"The queue '{shared.Key}' is claimed by {string.Join(
                    " and ", shared.Select(domain => domain.Name).Order(StringComparer.Ordinal))}. " +
                "Override Queue in one of them.");
    }

    /// <summary>The domains in order of their names.</summary>
    public IEnumerable<BusDomain> Domains => _domains.Values.OrderBy(domain => domain.Name, StringComparer.Ordinal);

    /// <summary>The assemblies that hold the domains' consumers and sagas.</summary>
    public IEnumerable<Assembly> Assemblies => _domains.Keys;

    /// <summary>Reads the catalogue that a host's project file has stamped into its assembly.</summary>
    /// <exception cref="BusConfigurationException">A project under src/Domains does not declare exactly one <see cref="BusDomain"/>, or two
    /// claim one queue.</exception>
    public static DomainCatalog Of(Assembly host) =>
        new(BusParts.Named("BusDomain", host)
            .Select(assembly => BusParts.Single<BusDomain>(assembly, "move the project out of src/Domains")));

    /// <summary>The domain that a consumer's or saga's type belongs to; none for a type from elsewhere.</summary>
    public BusDomain? OwnerOf(Type type) => _domains.GetValueOrDefault(type.Assembly);
}
