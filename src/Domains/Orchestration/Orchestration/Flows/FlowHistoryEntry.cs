namespace MaestroBus.Orchestration;

/// <summary>Something that has happened to a flow; each thing happens once to each step.</summary>
/// <param name="Step">The step it happened to; none for the flow as a whole.</param>
/// <param name="Event">One of <see cref="FlowEvents"/>.</param>
/// <param name="Time">When.</param>
/// <param name="Detail">More about it, for people to read.</param>
public sealed record FlowHistoryEntry(string? Step, string Event, DateTimeOffset Time, string? Detail);

/// <summary>The events of a flow's history.</summary>
public static class FlowEvents
{
    public const string FlowStarted = "FlowStarted";
    public const string StepStarted = "StepStarted";
    public const string StepCompleted = "StepCompleted";
    public const string StepFailed = "StepFailed";

    /// <summary>The step's command or answer has ended in the dead letters. Retrying it there lets the flow go on.</summary>
    public const string StepDeadLettered = "StepDeadLettered";

    /// <summary>
    /// Nothing has come of the step for so long that its message must have been lost. An answer after all lets the flow go on.
    /// </summary>
    public const string StepSilent = "StepSilent";

    /// <summary>An answer has come after the dead letter was retried, so that the flow goes on. The detail counts the retries.</summary>
    public const string StepRetried = "StepRetried";

    public const string FlowCompleted = "FlowCompleted";
    public const string FlowFailed = "FlowFailed";
}
