using System.Net;

namespace Maestro.Bus.Access;

/// <summary>The proxies of <c>Bus:Access:Proxies</c>.</summary>
sealed class TrustedProxies(AccessSettings settings)
{
    public IReadOnlyList<IPNetwork> Networks { get; } =
    [
        .. settings.Proxies.Select(proxy => IPAddress.TryParse(proxy, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.Parse(proxy)),
    ];

    /// <summary>Tells whether a connection's other end is one of them.</summary>
    public bool Include(IPAddress? address) =>
        address is not null && Normal(address) is var normal && Networks.Any(network => network.Contains(normal));

    // A socket for both families shows IPv4 addresses as IPv6 ones.
    static IPAddress Normal(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
