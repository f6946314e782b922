namespace MaestroBus.Integration.Contracts;

/// <summary>The API has refused the call, or it can never be made: trying again would not help.</summary>
/// <param name="FlowId">The flow that waits for the answer.</param>
/// <param name="StepId">The flow's step that waits for the answer.</param>
/// <param name="TenantId">The tenant on whose behalf the call was made.</param>
/// <param name="Address">The configured name of the API.</param>
/// <param name="Status">The HTTP status; none where no request was made.</param>
/// <param name="Reason">What went wrong, in a sentence.</param>
public sealed record ApiCallFailed(Guid FlowId, string StepId, string TenantId, string Address, int? Status, string Reason);
