namespace MaestroBus.Orchestration;

/// <summary>Nothing has come of a flow's step for so long that its message must have been lost.</summary>
/// <param name="FlowId">The flow's id.</param>
/// <param name="WaitingSince">Since when the flow waits, in milliseconds since 1970; a flow that has gone on is not meant.</param>
/// <param name="Reason">What the flow fails with.</param>
public sealed record FlowSilent(Guid FlowId, long WaitingSince, string Reason);
