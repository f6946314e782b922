using System.Text.Json;

namespace MaestroBus.Integration.Contracts;

/// <summary>Asks Integration to call an HTTP API on behalf of a flow's step.</summary>
/// <param name="FlowId">The flow that waits for the answer.</param>
/// <param name="StepId">The flow's step that waits for the answer.</param>
/// <param name="TenantId">The tenant on whose behalf the call is made.</param>
/// <param name="Address">The configured name of the API; only configured addresses are called.</param>
/// <param name="Method">The HTTP method, such as <c>GET</c>.</param>
/// <param name="Path">The path and query under the address.</param>
/// <param name="Headers">Request headers beside the address's own.</param>
/// <param name="Body">The JSON body; none for a request without one.</param>
public sealed record CallApi(
    Guid FlowId,
    string StepId,
    string TenantId,
    string Address,
    string Method,
    string Path,
    IReadOnlyDictionary<string, string>? Headers = null,
    JsonElement? Body = null);
