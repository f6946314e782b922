namespace Maestro.Bus.Persistence;

/// <summary>The run of a schedule that a message belongs to, by the message's headers.</summary>
/// <param name="Id">The run's id, which is the message's, too.</param>
/// <param name="Schedule">The schedule's name.</param>
/// <param name="ScheduledAt">When it was due, in universal time.</param>
public sealed record ScheduledRun(Guid Id, string? Schedule, string? ScheduledAt)
{
    /// <summary>The header with the schedule's name.</summary>
    public const string ScheduleHeader = "schedule-name";

    /// <summary>The header with the run's id.</summary>
    public const string RunHeader = "schedule-run";

    /// <summary>The header with the time that it was due.</summary>
    public const string TimeHeader = "schedule-time";

    /// <summary>
    /// The run whose message this is; none for any other message, also for one that a consumer has sent because of a run.
    /// </summary>
    public static ScheduledRun? Of(MessageContext context) =>
        Guid.TryParse(context.Headers.Get<string>(RunHeader), out var run) && run == context.MessageId
            ? new ScheduledRun(run, context.Headers.Get<string>(ScheduleHeader), context.Headers.Get<string>(TimeHeader))
            : null;

    /// <summary>Says that the run goes on when the message is handled; <see cref="IScheduledRuns"/> hears of its end.</summary>
    public static void GoesOn(ConsumeContext context) => context.ReceiveContext.GetOrAddPayload(() => new Unended());

    /// <summary>Whether the run goes on when the message is handled.</summary>
    public static bool IsUnended(ConsumeContext context) => context.ReceiveContext.TryGetPayload(out Unended? _);

    sealed class Unended;
}
