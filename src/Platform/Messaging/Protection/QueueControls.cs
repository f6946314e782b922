using System.Collections.Concurrent;
using MassTransit.Transports;

namespace Maestro.Bus.Messaging;

/// <summary>
/// The queues of this process at work, and the topics that it reads, as <c>topic@group</c>. What is changed here holds at once, in this
/// process, until it ends.
/// </summary>
public sealed class QueueControls : IReceiveEndpointObserver, IAsyncDisposable
{
    readonly ConcurrentDictionary<string, QueueControl> _controls = new(StringComparer.Ordinal);
    readonly QueuePolicies _policies;
    readonly TimeProvider _time;
    readonly ProtectionMetrics _metrics;
    readonly SuspectGate _gate;
    readonly RetrySettings _retries;
    readonly ILogger _logger;
    readonly IProbeLeases? _probeLeases;
    readonly MessageMetrics _messages;

    internal QueueControls(
        QueuePolicies policies, TimeProvider time, ProtectionMetrics metrics, RetrySettings retries, ILogger<QueueControls> logger,
        IProbeLeases? probeLeases, MessageMetrics messages)
    {
        (_policies, _time, _metrics, _retries, _logger, _probeLeases) = (policies, time, metrics, retries, logger, probeLeases);
        _messages = messages;
        _gate = new SuspectGate(time);
        metrics.Watch(() => All);
    }

    /// <summary>The queues that this process has endpoints for.</summary>
    public IReadOnlyList<QueueControl> All => [.. _controls.Values.OrderBy(control => control.Queue, StringComparer.Ordinal)];

    /// <summary>One queue; none where this process has no endpoint for it.</summary>
    public QueueControl? Find(string queue) => _controls.GetValueOrDefault(queue);

    /// <summary>Gives back what the rate limits have taken.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var control in _controls.Values)
            await control.DisposeAsync();
    }

    internal QueueControl OfEndpoint(string queue) => Of(queue, _policies.OfEndpoint(queue));

    internal QueueControl Of(string name, QueuePolicy policy) =>
        _controls.GetOrAdd(name, _ => new QueueControl(
            name, policy, _time, _metrics, _gate, _retries, _logger, _probeLeases, _messages));

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        Of(ready.InputAddress)?.Started();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping)
    {
        Of(stopping.InputAddress)?.Stopping();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    QueueControl? Of(Uri address) => address.GetEndpointName() is { } queue ? Find(queue) : null;
}
