using System.Collections.Concurrent;
using MassTransit.Serialization;

namespace Maestro.Bus.Persistence;

/// <summary>Sends a message from the outbox to wherever it is for; completes when it is safe there.</summary>
sealed class OutboxSender(
    IBusControl bus, IEnumerable<IOutboxTransport> transports, OutboxRefusals refusals, DatabaseSettings settings, TimeProvider time)
    : IDisposable
{
    // Responses go to addresses that are gone when their asker is, so that there is no end to their number.
    const int KnownDestinations = 1_000;

    readonly IOutboxTransport[] _transports = [.. transports];
    readonly SemaphoreSlim _slots = new(settings.Outbox.Concurrency);
    readonly ConcurrentDictionary<string, Destination> _destinations = new(StringComparer.Ordinal);

    public async Task Send(WaitingMessage message, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);

        try
        {
            if (!_destinations.TryGetValue(message.Destination, out var destination))
                destination = await Find(message);

            if (destination.Endpoint is not null)
                await destination.Endpoint.Send(new SerializedMessageBody(), new SendPipe(message, time), cancellationToken);
            else
                await destination.Transport!.Send(message, destination.Address, cancellationToken);

            refusals.Taken(message.Destination);
        }
        catch (Exception exception)
        {
            refusals.Refused(message.Destination, exception);

            // The endpoint may be one that its transport has closed.
            _destinations.TryRemove(message.Destination, out _);
            throw;
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    async Task<Destination> Find(WaitingMessage message)
    {
        var address = new Uri(message.Destination);
        var transport = Array.Find(_transports, transport => transport.Knows(address));
        var destination = new Destination(
            address, transport, transport is null ? await bus.GetStoredSendEndpoint(address, OutboxMetadata.Types(message)) : null);

        if (_destinations.Count >= KnownDestinations)
            _destinations.Clear();

        _destinations[message.Destination] = destination;
        return destination;
    }

    sealed record Destination(Uri Address, IOutboxTransport? Transport, ISendEndpoint? Endpoint);

    sealed class SendPipe(WaitingMessage message, TimeProvider time) : IPipe<SendContext>
    {
        public Task Send(SendContext context)
        {
            message.CopyTo(context, time);
            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("outboxMessage");
    }
}
