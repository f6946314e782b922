using System.Collections.Concurrent;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Lets a bus that has stopped start again. MassTransit 8.5 keeps what it sends through with each endpoint and makes it anew when that
/// stops; but what is sent between the stop of the endpoint and that of the connection is kept with the connection, which is never used
/// again.
/// </summary>
sealed class BusRestarts : BusObserver, IReceiveEndpointObserver
{
    readonly ConcurrentDictionary<Uri, IReceiveEndpoint> _endpoints = [];

    public override async Task PreStart(IBus bus)
    {
        // To stop an endpoint that does not run forgets what it sends through, and does nothing else.
        foreach (var endpoint in _endpoints.Values)
            await endpoint.Stop();
        _endpoints.Clear();
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        _endpoints[ready.InputAddress] = ready.ReceiveEndpoint;
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
}
