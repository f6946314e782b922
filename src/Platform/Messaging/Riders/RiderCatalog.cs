using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>The riders that a host was built with.</summary>
sealed class RiderCatalog(IEnumerable<BusRider> riders)
{
    readonly List<BusRider> _riders = [.. riders.OrderBy(rider => rider.Name, StringComparer.Ordinal)];

    public IEnumerable<string> Sections => _riders.Select(rider => rider.Section);

    public static RiderCatalog Of(Assembly host) =>
        new(BusParts.Named("BusRider", host).Select(assembly => BusParts.Single<BusRider>(assembly)));

    /// <summary>The riders whose settings are there.</summary>
    public IReadOnlyList<BusRider> Active(IConfiguration configuration) =>
        _riders.FindAll(rider => configuration.GetSection($"Bus:{rider.Section}").GetChildren().Any());
}
