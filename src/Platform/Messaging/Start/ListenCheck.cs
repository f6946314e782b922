using System.Net;
using System.Net.Sockets;

namespace MaestroBus.Messaging;

/// <summary>Finds out whether the addresses that the host is configured to listen on are free.</summary>
static class ListenCheck
{
    public const string Remedy = "Stop the program that has it, or choose another address, such as --urls http://localhost:5081.";

    /// <exception cref="BusConfigurationException">One of them is not.</exception>
    public static void Run(IConfiguration configuration)
    {
        foreach (var url in Configured(configuration))
            if (Problem(url) is { } problem)
                throw new BusConfigurationException($"The bus cannot start: it cannot listen on {url}. {problem}");
    }

    /// <summary>Finds the addresses in the server's own order: what is said of it goes over what is said of the host.</summary>
    public static IEnumerable<string> Configured(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        return endpoints.Count > 0 ? endpoints
            : Split("urls").ToList() is { Count: > 0 } urls ? urls
            : Split("http_ports").Select(port => $"http://*:{port}").Concat(Split("https_ports").Select(port => $"https://*:{port}"));

        string[] Split(string setting) => (configuration[setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    static string? Problem(string url)
    {
        if (Parse(url) is not { Port: > 0, IsUnixPipe: false, IsNamedPipe: false } address)
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
                SocketError.AccessDenied => $"This user may not use the port {address.Port}. Choose one from 1024 on, such as --urls http://localhost:5081.",
                SocketError.AddressNotAvailable => $"This machine has no address {address.Host}. Use one that it has, localhost, or * for all.",
                _ => $"{exception.Message.TrimEnd('.')}. {Remedy}",
            };
        }
    }

    static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            // The server says itself what is wrong with it.
            return null;
        }
    }

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
