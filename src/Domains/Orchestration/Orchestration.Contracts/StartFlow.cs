using System.Text.Json;

namespace MaestroBus.Orchestration.Contracts;

/// <summary>Asks Orchestration to run a flow. A second start with the same <paramref name="FlowId"/> changes nothing.</summary>
/// <param name="FlowId">The run's id: what <c>GET /flows/{id}</c> takes.</param>
/// <param name="Specification">What to run.</param>
/// <param name="TenantId">The tenant the run belongs to.</param>
/// <param name="Trigger">What started it, such as a webhook's payload; bindings read it as <c>trigger</c>.</param>
public sealed record StartFlow(Guid FlowId, FlowSpecification Specification, string TenantId, JsonElement? Trigger = null);
