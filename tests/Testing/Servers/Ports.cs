using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MaestroBus.Testing;

/// <summary>Ports of this machine for servers that tests start.</summary>
public static class Ports
{
    // Below those of the Kafka fixture, and the ports that systems give to clients: one could take a server's before that listens.
    const int Lowest = 10_000;
    const int Highest = 20_000;

    // The processes of the tests, which run side by side, share the ports by files that are locked as long as they live.
    static readonly string Locks = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "bus-test-ports")).FullName;
    static readonly ConcurrentDictionary<int, FileStream> Given = new();

    /// <summary>A port that nothing listens on, never the same twice, and in no other process of the tests.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (Lock(port) is not { } held)
                continue;

            if (IsFree(port) && Given.TryAdd(port, held))
                return port;

            held.Dispose();
        }
    }

    static FileStream? Lock(int port)
    {
        try
        {
            return new FileStream(
                Path.Combine(Locks, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process has it, which may be another user's.
            return null;
        }
    }

    /// <summary>Whether nothing listens on a port.</summary>
    internal static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
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
