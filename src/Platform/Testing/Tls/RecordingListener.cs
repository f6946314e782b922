using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Testing;

/// <summary>A server that keeps the bytes that it is sent, and answers what it is told to.</summary>
public sealed class RecordingListener : IAsyncDisposable
{
    readonly TcpListener _listener;
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentQueue<byte> _received = new();
    readonly Task _running;

    /// <summary>Starts a server.</summary>
    /// <param name="answer">What it sends to whoever has sent something.</param>
    /// <param name="address">Where it listens; a free port of the loopback address without it.</param>
    public RecordingListener(byte[] answer, IPEndPoint? address = null)
    {
        _listener = new TcpListener(address ?? new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Start();
        _running = Run(answer);
    }

    /// <summary>The port on the loopback address.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All bytes that it was sent.</summary>
    public byte[] Received => [.. _received];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        // It listens until nobody waits for the next connection: to wait at a stopped listener is an error.
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    async Task Run(byte[] answer)
    {
        var buffer = new byte[4096];

        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                var stream = client.GetStream();

                for (var isFirst = true; await stream.ReadAsync(buffer, _end.Token) is > 0 and var count; isFirst = false)
                {
                    foreach (var received in buffer.AsSpan(0, count))
                        _received.Enqueue(received);
                    if (isFirst)
                        await stream.WriteAsync(answer, _end.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // The client has broken off, or the test ends.
            }
        }
    }
}
