namespace MaestroBus.Orchestration.Contracts;

/// <summary>A step of a flow has failed for good; the steps after it have not run.</summary>
public sealed record FlowFailed(Guid FlowId, string SpecificationId, string TenantId, string StepId, string Reason);
