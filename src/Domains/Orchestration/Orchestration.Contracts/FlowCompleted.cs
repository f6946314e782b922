namespace MaestroBus.Orchestration.Contracts;

/// <summary>Every step of a flow has succeeded.</summary>
public sealed record FlowCompleted(Guid FlowId, string SpecificationId, string TenantId);
