namespace MaestroBus.Orchestration;

/// <summary>A flow's state. It stays readable after the flow has ended.</summary>
public sealed class FlowSaga : SagaStateMachineInstance
{
    /// <summary>The flow's id.</summary>
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public string SpecificationId { get; set; } = "";

    public string TenantId { get; set; } = "";

    /// <summary>The specification as JSON, as it was when the flow started.</summary>
    public string Specification { get; set; } = "";

    /// <summary>What started the flow, as JSON.</summary>
    public string? Trigger { get; set; }

    /// <summary>The finished steps' results: a JSON object with a member for each.</summary>
    public string Results { get; set; } = "{}";

    /// <summary>The step whose answer the flow waits for, or that has failed; none before the first and after the last one.</summary>
    public string? Step { get; set; }

    /// <summary>
    /// Since when the flow waits for the answer of its step, in milliseconds since 1970, which both databases can compare; null if it
    /// waits for nothing.
    /// </summary>
    public long? WaitingSince { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Why the flow has failed.</summary>
    public string? Failure { get; set; }

    /// <summary>What has happened, oldest first. The list is replaced, never changed: it may be read at the same time.</summary>
    public List<FlowHistoryEntry> History { get; set; } = [];
}
