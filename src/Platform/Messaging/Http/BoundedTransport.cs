using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Maestro.Bus.Messaging;

/// <summary>Kestrel's sockets with a bound on the connections, which goes on when a connection cannot be accepted.</summary>
/// <remarks>
/// Kestrel 10 accepts again at once after any error: without a free file it does so for ever on one core, and takes memory until the
/// process is aborted. Its own bound on connections is fixed before it is known how many files the rest of the process needs.
/// </remarks>
sealed class BoundedTransport(IOptions<SocketTransportOptions> options, ConnectionLimit limit, TimeProvider time, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Tells whether an address is one of this transport: an IP address with a port.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <summary>Listens on an address.</summary>
    /// <exception cref="AddressInUseException">Another program does.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = options.Value.CreateBoundListenSocket(endpoint);

        try
        {
            socket.Listen(options.Value.Backlog);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException(exception.Message, exception);
        }

        var connections = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = options.Value.IOQueueCount,
                WaitForDataBeforeAllocatingBuffer = options.Value.WaitForDataBeforeAllocatingBuffer,
                MaxReadBufferSize = options.Value.MaxReadBufferSize,
                MaxWriteBufferSize = options.Value.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = options.Value.UnsafePreferInlineScheduling,
            },
            loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));

        return ValueTask.FromResult<IConnectionListener>(
            new BoundedListener(socket, connections, options.Value.NoDelay, limit, time, loggers.CreateLogger<BoundedListener>()));
    }
}
