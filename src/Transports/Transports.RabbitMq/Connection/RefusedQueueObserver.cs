using Microsoft.Extensions.Hosting;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Ends a start that would otherwise wait for ever for a queue that the broker refuses.</summary>
sealed partial class RefusedQueueObserver(StartFailure failure, IHostApplicationLifetime? host, ILogger<RefusedQueueObserver> logger)
    : IReceiveEndpointObserver
{
    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        for (var cause = faulted.Exception; cause is not null; cause = cause.InnerException)
        {
            // A login that is refused ends the start by itself, and comes here once for each endpoint.
            if (cause is not BusConfigurationException refusal || refusal == failure.Exception)
                continue;

            Refused(refusal.Message);
            if (host is { ApplicationStarted.IsCancellationRequested: false })
            {
                failure.Set(refusal);
                host.StopApplication();
            }
        }

        return Task.CompletedTask;
    }

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    [LoggerMessage(60, LogLevel.Critical, "{Refusal}")]
    partial void Refused(string refusal);
}
