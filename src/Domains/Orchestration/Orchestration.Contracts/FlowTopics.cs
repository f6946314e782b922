namespace MaestroBus.Orchestration.Contracts;

/// <summary>The topics that flows are told of on, where the bus has a rider.</summary>
public static class FlowTopics
{
    /// <summary>How flows start and end, in order for each flow.</summary>
    public const string Events = "orchestration.flows";
}
