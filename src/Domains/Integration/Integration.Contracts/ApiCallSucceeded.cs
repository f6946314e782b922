using System.Text.Json;

namespace MaestroBus.Integration.Contracts;

/// <summary>The API has answered with a 2xx status.</summary>
/// <param name="FlowId">The flow that waits for the answer.</param>
/// <param name="StepId">The flow's step that waits for the answer.</param>
/// <param name="TenantId">The tenant on whose behalf the call was made.</param>
/// <param name="Address">The configured name of the API.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The response: JSON as it is, any other text as a string, nothing for an empty one.</param>
/// <param name="Duration">How long the call took.</param>
public sealed record ApiCallSucceeded(
    Guid FlowId, string StepId, string TenantId, string Address, int Status, JsonElement? Body, TimeSpan Duration);
