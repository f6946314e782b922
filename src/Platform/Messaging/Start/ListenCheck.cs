using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Messaging;

/// <summary>Finds out whether the addresses that the host is configured to listen on are free.</summary>
static class ListenCheck
{
    public const string Remedy = "Stop the program that has it, or choose another address, such as --urls http://localhost:5081.";

    const string Example = "such as http://localhost:5081.";

    /// <exception cref="BusConfigurationException">One of them is not, or is not an address.</exception>
    public static void Run(IConfiguration configuration)
    {
        if (Endpoints(configuration).FirstOrDefault(endpoint => string.IsNullOrEmpty(endpoint["Url"])) is { } nowhere)
            throw new BusConfigurationException(
                $"The bus cannot start: it cannot listen on {nowhere.Path}. It has no Url. Give it one, {Example}");

        foreach (var url in Configured(configuration))
        {
            if (Problem(url) is { } problem)
                throw new BusConfigurationException($"The bus cannot start: it cannot listen on {url}. {problem}");
        }
    }

    /// <summary>Finds the addresses in the server's own order: what is said of it goes over what is said of the host.</summary>
    public static IEnumerable<string> Configured(IConfiguration configuration)
    {
        var endpoints = Endpoints(configuration).Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        return endpoints.Count > 0 ? endpoints
            : Split("urls").ToList() is { Count: > 0 } urls ? urls
            : Split("http_ports").Select(port => $"http://*:{port}").Concat(Split("https_ports").Select(port => $"https://*:{port}"));

        string[] Split(string setting) =>
            (configuration[setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    static IEnumerable<IConfigurationSection> Endpoints(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Endpoints").GetChildren();

    // What the server says of a wrong one is an exception of its own.
    static string? Problem(string url)
    {
        if (Parse(url) is not { } address)
            return $"It is not an address. Use one {Example}";
        if (address.Scheme is not ("http" or "https"))
            return $"It begins with {address.Scheme}. Use http or https, {Example}";
        if (address.IsUnixPipe || address.IsNamedPipe)
            return null;
        if (address.PathBase.Length > 0)
            return $"It has the path {address.PathBase}. Use an address without one, {Example}";
        if (address.Port is < 0 or > IPEndPoint.MaxPort)
            return $"There is no port {address.Port}. Use one up to {IPEndPoint.MaxPort}, {Example}";
        if (address.Port == 0)
            return null;

        try
        {
            using var socket = Listener(address.Host);
            socket.Bind(new IPEndPoint(Address(address.Host), address.Port));
            socket.Listen();
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"The port {address.Port} is in use. {Remedy}",
                SocketError.AccessDenied =>
                    $"This user may not use the port {address.Port}. Choose one from 1024 on, such as --urls http://localhost:5081.",
                SocketError.AddressNotAvailable =>
                    $"This machine has no address {address.Host}. Use one that it has, localhost, or * for all.",
                _ => $"{exception.Message.TrimEnd('.')}. {Remedy}",
            };
        }
    }

    static BindingAddress? Parse(string url)
    {
        try
        {
            // A port that is not a number is taken for a part of the host's name.
            return BindingAddress.Parse(url) is var address && (address.IsUnixPipe || address.IsNamedPipe || IsHost(address.Host))
                ? address
                : null;
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    static bool IsHost(string host) => host.StartsWith('[') || !host.Contains(':', StringComparison.Ordinal);

    static Socket Listener(string host)
    {
        var address = Address(host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
        return socket;
    }

    static IPAddress Address(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address
        : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any
        : IPAddress.Any;
}
