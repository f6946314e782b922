using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Ends a start that would otherwise wait for ever for a queue that the broker refuses. While the host runs, such a queue is tried again:
/// the log gets a line when that begins, one a minute, and one when it ends.
/// </summary>
sealed partial class RefusedQueueObserver(
    StartFailure failure, IHostApplicationLifetime? host, TimeProvider time, ILogger<RefusedQueueObserver> logger)
    : IReceiveEndpointObserver, IDisposable
{
    readonly ConcurrentDictionary<Uri, OutageLog> _refused = [];

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        for (var cause = faulted.Exception; cause is not null; cause = cause.InnerException)
        {
            // A login that is refused ends the start by itself, and comes here once for each endpoint.
            if (cause is not BusConfigurationException refusal || refusal == failure.Exception)
                continue;

            if (host is { ApplicationStarted.IsCancellationRequested: true })
            {
                LogOf(faulted.InputAddress).Away(refusal.Message);
                continue;
            }

            Refused(refusal.Message);
            if (host is not null)
            {
                failure.Set(refusal);
                host.StopApplication();
            }
        }

        return Task.CompletedTask;
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        if (_refused.TryGetValue(ready.InputAddress, out var log))
            log.Back();

        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping)
    {
        // A queue that is paused is not waited for.
        if (_refused.TryRemove(stopping.InputAddress, out var log))
            log.Dispose();

        return Task.CompletedTask;
    }

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var log in _refused.Values)
            log.Dispose();
    }

    OutageLog LogOf(Uri address) => _refused.GetOrAdd(
        address, static (address, log) => new OutageLog(new Lines(QueueOf(address), log.logger), log.time), (logger, time));

    static string QueueOf(Uri address) => Uri.UnescapeDataString(address.Segments[^1]);

    [LoggerMessage(60, LogLevel.Critical, "{Refusal}")]
    partial void Refused(string refusal);

    sealed partial class Lines(string queue, ILogger logger) : IOutageLines
    {
        public void Begin(string reason) => HasBegun(queue, reason);

        public void GoOn(TimeSpan duration, string reason) => GoesOn(queue, duration, reason);

        public void End(TimeSpan duration) => HasEnded(queue, duration);

        [LoggerMessage(64, LogLevel.Error, "Nothing is received from the queue '{Queue}': {Reason}. It is tried again until it can be")]
        partial void HasBegun(string queue, string reason);

        [LoggerMessage(65, LogLevel.Warning, "Nothing has been received from the queue '{Queue}' for {Duration}: {Reason}")]
        partial void GoesOn(string queue, TimeSpan duration, string reason);

        [LoggerMessage(66, LogLevel.Information, "The queue '{Queue}' is received from again after {Duration}")]
        partial void HasEnded(string queue, TimeSpan duration);
    }
}
