namespace MaestroBus.Orchestration.Contracts;

/// <summary>A flow has begun to run.</summary>
public sealed record FlowStarted(Guid FlowId, string SpecificationId, string TenantId);
