using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>Runs the <see cref="TopologyKeeper"/> and the <see cref="BrokerProbe"/> for as long as the host.</summary>
sealed class TopologyService(
    TopologyKeeper keeper, BrokerProbe probe, BrokerState state, TimeProvider time, ILogger<TopologyKeeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var alarm = state.Listen(time, logger);

        try
        {
            await Task.WhenAll(keeper.Run(time, logger, stoppingToken), probe.Run(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }
}
