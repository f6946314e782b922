using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MaestroBus.Testing;

/// <summary>Ports of this machine for servers that tests start.</summary>
public static class Ports
{
    static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nothing listens on, never the same twice within a process.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;

            if (Given.TryAdd(port, true))
                return port;
        }
    }

    /// <summary>Whether something on this machine accepts connections on a port.</summary>
    public static async Task<bool> Accepts(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
