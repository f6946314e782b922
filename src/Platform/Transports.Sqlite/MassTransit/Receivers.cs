using System.Collections.Concurrent;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// The receivers of one bus's endpoints. Learns that an endpoint is to stop before its receive loop does, which is told a second late when
/// it waits for messages.
/// </summary>
sealed class Receivers : IReceiveEndpointObserver
{
    readonly ConcurrentDictionary<long, Receiver> _receivers = new();

    /// <summary>Gets the queue of an endpoint's address.</summary>
    public static string QueueOf(Uri address) =>
        Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);

    public Receiver? Of(long queueId) => _receivers.GetValueOrDefault(queueId);

    public void Attach(Receiver receiver) => _receivers[receiver.Queue.Id] = receiver;

    public void Detach(Receiver receiver) => _receivers.TryRemove(KeyValuePair.Create(receiver.Queue.Id, receiver));

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping)
    {
        var queue = QueueOf(stopping.InputAddress);
        foreach (var receiver in _receivers.Values.Where(receiver => receiver.Queue.Name == queue))
            receiver.Stop();

        return Task.CompletedTask;
    }

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
}
