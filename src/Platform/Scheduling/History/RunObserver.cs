namespace Maestro.Bus.Scheduling;

/// <summary>Notes in the history how the messages of schedules' runs are handled.</summary>
sealed partial class RunObserver(
    IScheduleStore store, ScheduleMetrics metrics, ILogger<RunObserver> logger, DatabaseOutage? outage = null) : ReceivingObserver
{
    public override Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) =>
        FailureHeaders.OfReturning(context.ReceiveContext) is { } failures
            ? Note(context, duration, $"It is tried again after {failures.LastError ?? "it was put off"}")
        : ScheduledRun.IsUnended(context) ? Task.CompletedTask
        : Note(context, duration, null);

    public override Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) =>
        Note(context, duration, exception.Message);

    async Task Note(MessageContext context, TimeSpan duration, string? error)
    {
        if (ScheduledRun.Of(context) is not { } run)
            return;

        metrics.Finished(run.Schedule, error is null);
        try
        {
            await store.Finish(new RunOutcome(run.Id, error is null, duration, Instance.Name, error), CancellationToken.None);
        }
        catch (Exception failure)
        {
            // The message is handled, whatever the history says about it.
            if (outage?.Tells(failure) != true)
                LogNotNoted(run.Id, failure);
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "It could not be noted how the run {Run} was handled")]
    partial void LogNotNoted(Guid run, Exception exception);
}
