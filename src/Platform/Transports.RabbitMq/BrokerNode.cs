using System.Globalization;
using System.Net;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>A node of a broker.</summary>
/// <param name="Host">Its host name or IP address; one of version 6 without brackets.</param>
/// <param name="Port">Its port; null for the usual one.</param>
sealed record BrokerNode(string Host, int? Port)
{
    /// <summary>Reads nodes that are separated by commas; null if one of them is not valid.</summary>
    public static IReadOnlyList<BrokerNode>? ParseAll(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var nodes = parts.Select(Parse).OfType<BrokerNode>().ToList();
        return nodes.Count == parts.Length ? nodes : null;
    }

    /// <summary>The node as it is written in an address.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{host}:{port}") : host;
    }

    static BrokerNode? Parse(string text) =>
        // An address of version 6 has colons of its own, and stands in brackets where a port follows.
        !text.StartsWith('[') && text.Count(character => character == ':') > 1
            ? IPAddress.TryParse(text, out _) ? new BrokerNode(text, null) : null
            : WithPort(text);

    static BrokerNode? WithPort(string text)
    {
        var colon = text.LastIndexOf(':');
        var (host, port) = colon > text.LastIndexOf(']') ? (text[..colon], text[(colon + 1)..]) : (text, null);
        if (host is ['[', .. var inner, ']'])
            host = inner;

        var isHost = Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
        if (!isHost)
            return null;

        if (port is null)
            return new BrokerNode(host, null);

        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65_535
            ? new BrokerNode(host, number)
            : null;
    }
}
