using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Testing;

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
            if (TryTake(port))
                return port;
        }
    }

    /// <summary>The first of several ports in a row, each as <see cref="Free"/> gives them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="lowest">The first may not be below it.</param>
    /// <param name="highest">The first must be below it.</param>
    internal static int FreeRow(int count, int lowest, int highest)
    {
        while (true)
        {
            var first = Random.Shared.Next(lowest, highest);
            var taken = Enumerable.Range(first, count).TakeWhile(TryTake).ToList();
            if (taken.Count == count)
                return first;

            foreach (var port in taken)
            {
                if (Given.TryRemove(port, out var held))
                    held.Dispose();
            }
        }
    }

    static bool TryTake(int port)
    {
        if (Lock(port) is not { } held)
            return false;
        if (IsFree(port) && Given.TryAdd(port, held))
            return true;

        held.Dispose();
        return false;
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

    static bool IsFree(int port)
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
