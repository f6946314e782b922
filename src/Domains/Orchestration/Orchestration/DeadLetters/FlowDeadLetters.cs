namespace MaestroBus.Orchestration;

/// <summary>The start of a flow is in the dead letters, and no consumer was given it.</summary>
/// <param name="FlowId">The flow's id.</param>
/// <param name="SpecificationId">What was to run; empty if that cannot be read.</param>
/// <param name="TenantId">The flow's tenant; empty if it is not known.</param>
/// <param name="Step">The first step; empty if that cannot be read.</param>
/// <param name="Reason">Why.</param>
/// <param name="Repeated">How often this was told before, and was dead-lettered itself.</param>
public sealed record FlowStartDeadLettered(
    Guid FlowId, string SpecificationId, string TenantId, string Step, string Reason, int Repeated = 0);

/// <summary>A message that a flow waits for is in the dead letters.</summary>
/// <param name="FlowId">The flow's id.</param>
/// <param name="StepId">The message's step; null if the message cannot be read, and so is one of the current step.</param>
/// <param name="Reason">Why.</param>
/// <param name="Repeated">How often this was told before, and was dead-lettered itself.</param>
public sealed record FlowStepDeadLettered(Guid FlowId, string? StepId, string Reason, int Repeated = 0);
