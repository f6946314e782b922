using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Maestro.Bus.Messaging;

/// <summary>Accepts connections on one address, up to a bound.</summary>
sealed partial class BoundedListener(
    Socket socket,
    SocketConnectionContextFactory connections,
    bool noDelay,
    ConnectionLimit limit,
    TimeProvider time,
    ILogger<BoundedListener> logger)
    : IConnectionListener
{
    // Long enough to cost nothing, short enough to be there when a file is free again.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly LineAMinute _refusals = new(time);
    readonly LineAMinute _failures = new(time);

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken);

                if (!limit.TryEnter())
                    Refuse(accepted);
                else if (Connect(accepted) is { } connection)
                    return connection;
            }
            catch (Exception exception) when (exception is ObjectDisposedException
                or SocketException
            {
                SocketErrorCode: SocketError.OperationAborted or SocketError.InvalidArgument or SocketError.NotSocket,
            })
            {
                // The listener has been closed.
                return null;
            }
            catch (SocketException exception)
                when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // The caller has hung up while it waited to be accepted.
            }
            catch (SocketException exception)
            {
                if (_failures.IsDue(out _))
                    NotAccepted(EndPoint, limit.Open, exception.Message);

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        connections.Dispose();
        return default;
    }

    BoundedConnection? Connect(Socket accepted)
    {
        try
        {
            if (accepted.LocalEndPoint is IPEndPoint)
                accepted.NoDelay = noDelay;

            return new BoundedConnection(connections.Create(accepted), limit);
        }
        catch (SocketException)
        {
            // The caller has hung up meanwhile.
            limit.Leave();
            accepted.Dispose();
            return null;
        }
    }

    void Refuse(Socket accepted)
    {
        // With a reset, so that the caller knows at once and no closing connection is left behind.
        accepted.Close(0);
        if (_refusals.IsDue(out var untold))
            Refused(EndPoint, limit.Open, untold + 1);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Connections to {Address} are refused: {Open} are open, which is as many as may be, and {Refused} were refused since the last of " +
        "these lines. Raise the number of files that the process may open, or Bus:Http:MaxConnections")]
    partial void Refused(EndPoint address, int open, int refused);

    [LoggerMessage(2, LogLevel.Error,
        "A connection to {Address} could not be accepted, with {Open} open: {Reason}. It is tried again. " +
        "Raise the number of files that the process may open")]
    partial void NotAccepted(EndPoint address, int open, string reason);
}
