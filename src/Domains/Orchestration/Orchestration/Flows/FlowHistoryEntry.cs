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
    public const string FlowCompleted = "FlowCompleted";
    public const string FlowFailed = "FlowFailed";
}
