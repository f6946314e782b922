using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Publishes a message every few seconds, to a queue of its own that holds one. RabbitMQ tells a connection of an alarm only once
/// something is published on it, so that an idle
/// host would not know.
/// </summary>
sealed class BrokerProbe(TopologyKeeper keeper, BrokerState state, string queue)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(6);

    IConnection? _connection;
    IChannel? _channel;

    /// <summary>Probes until the host ends.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);

        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (keeper.Connection is not { Connection: { IsOpen: true } connection })
                continue;

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);

            try
            {
                var channel = await Channel(connection, limit.Token);
                await channel.BasicPublishAsync("", queue, mandatory: false, ReadOnlyMemory<byte>.Empty, limit.Token);
                state.Confirmed();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                state.NotConfirmed();
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The connection is lost, which others report; or the user may not publish here, and the probe can tell nothing.
                state.NotAsked();
            }
        }
    }

    async ValueTask<IChannel> Channel(IConnection connection, CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } && _connection == connection)
            return _channel;

        if (_channel is not null)
            await _channel.DisposeAsync();

        _channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        _connection = connection;
        await _channel.QueueDeclareAsync(
            queue, durable: false, exclusive: true, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 1 },
            cancellationToken: cancellationToken);
        return _channel;
    }
}
