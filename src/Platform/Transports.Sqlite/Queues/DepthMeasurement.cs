using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Measures how much waits in the queues, in the process that reports it.</summary>
sealed partial class DepthMeasurement(SqliteQueues queues, QueueFigures figures, TimeProvider time, ILogger<DepthMeasurement> logger)
    : BackgroundService
{
    const int Most = 100_000;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.Run(SharedFigure.Interval, time, Measure, Failed, stoppingToken);

    // Reading the file blocks its thread.
    Task Measure(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (!figures.IsReporting)
                return;

            foreach (var (queue, ready, next) in queues.Depths(Most))
                figures.Set(queue, ready, next);
        },
        cancellationToken);

    void Failed(Exception exception) => NotMeasured(exception);

    [LoggerMessage(78, LogLevel.Debug, "The queues could not be measured; it is tried again")]
    partial void NotMeasured(Exception exception);
}
