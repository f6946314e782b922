using System.Text.Json;

namespace MaestroBus.Orchestration.Contracts;

/// <summary>A flow: steps that run in order, each calling an adapter with its input.</summary>
/// <param name="Id">The specification's name, such as <c>invoice-paid</c>.</param>
/// <param name="Steps">The steps, in the order they run; at least one.</param>
/// <param name="Bindings">Values put into a step's input before it runs.</param>
/// <param name="Context">Constants that bindings read as <c>context</c>.</param>
/// <param name="Tenant">
/// The tenant that the specification is for. One that the host has loaded runs for no other; to one in a request it is the tenant if the
/// request names none.
/// </param>
/// <param name="Trigger">The webhook that starts the flow; none for a flow that is only started by request.</param>
public sealed record FlowSpecification(
    string Id,
    IReadOnlyList<FlowStep> Steps,
    IReadOnlyList<FlowBinding>? Bindings = null,
    JsonElement? Context = null,
    string? Tenant = null,
    FlowTrigger? Trigger = null);

/// <summary>One step of a flow.</summary>
/// <param name="Id">The step's name, unique within its flow; bindings read its result as <c>steps.{id}</c>.</param>
/// <param name="Adapter">What carries it out: <c>http</c>, <c>email</c>, <c>sms</c> or <c>internal</c>.</param>
/// <param name="Input">
/// The adapter's input; bindings are laid over it. <c>http</c> takes <c>address</c>, <c>method</c> (without one <c>GET</c>, or <c>POST</c>
/// with a body), <c>path</c>, <c>headers</c> and <c>body</c>; the others take <c>to</c>, <c>subject</c> and <c>text</c>.
/// </param>
public sealed record FlowStep(string Id, string Adapter, JsonElement? Input = null);

/// <summary>
/// Puts a value into a step's input: a value read from <paramref name="From"/>, or a text with <c>{path}</c> places filled in. A path
/// begins with <c>trigger</c>, <c>context</c>, <c>steps.{earlier step}</c> or is <c>tenant</c>; a number in it picks an array's item.
/// </summary>
/// <param name="To"><c>{step}.{input path}</c>, such as <c>notify.text</c>.</param>
/// <param name="From">A path such as <c>trigger.lines.0.sku</c>, <c>context.currency</c> or <c>steps.lookup.body.total</c>. The value keeps
/// its JSON type.</param>
/// <param name="Text">
/// A text with paths in braces, such as <c>Push to {trigger.repository.full_name}</c>; instead of <paramref name="From"/>. Doubled braces
/// stand for themselves. In an <c>http</c> step's <c>path</c> the values are percent-encoded.
/// </param>
public sealed record FlowBinding(string To, string? From = null, string? Text = null);

/// <summary>The webhook that starts a flow.</summary>
/// <param name="Provider">The provider's configured name.</param>
/// <param name="EventType">The provider's name for the event, or <c>*</c> for all of them.</param>
public sealed record FlowTrigger(string Provider, string EventType);
