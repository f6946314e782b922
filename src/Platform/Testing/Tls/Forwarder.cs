using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Testing;

/// <summary>Another address of a server: passes on what is sent to it, and back.</summary>
public sealed class Forwarder : IAsyncDisposable
{
    readonly TcpListener _listener;
    readonly CancellationTokenSource _end = new();
    readonly Task _running;
    readonly int _port;

    /// <summary>Starts it.</summary>
    /// <param name="address">The address that it listens on, such as 127.0.0.2.</param>
    /// <param name="port">The server's port on the loopback address.</param>
    public Forwarder(string address, int port)
    {
        _port = port;
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _running = Run();
    }

    /// <summary>Its address and port.</summary>
    public string Address => $"{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        // It listens until nobody waits for the next connection: to wait at a stopped listener is an error.
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    async Task Run()
    {
        List<Task> connections = [];

        try
        {
            while (true)
                connections.Add(Pass(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test ends.
        }

        await Task.WhenAll(connections);
    }

    async Task Pass(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _end.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _end.Token));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // One of the two has broken off, or the test ends.
            }
        }
    }
}
