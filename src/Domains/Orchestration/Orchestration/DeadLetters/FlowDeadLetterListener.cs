using System.Text.Json;

namespace MaestroBus.Orchestration;

/// <summary>
/// Tells flows of their messages in the dead letters. <see cref="Fault{T}"/> does that, too, and sooner, for messages that a consumer was
/// given; a flow that has heard of it already changes nothing.
/// </summary>
sealed class FlowDeadLetterListener : IDeadLetterListener
{
    const string NoReason = "A message of the flow is in the dead letters.";

    // Each time it is delivered as often as any message. What fails again and again must not be told without end.
    const int MostRepeats = 3;

    public Task Stored(ArrivedLetter letter, IPublishEndpoint endpoint, CancellationToken cancellationToken)
    {
        var reason = $"{Sentence(letter.Letter.ExceptionMessage ?? NoReason)} The message is in the dead letters of {letter.Letter.Queue} "
            + $"({letter.Letter.Reason}); retry it there.";

        if (letter.Letter.Queue == OrchestrationDomain.QueueName
            && (letter.Is<FlowStartDeadLettered>() || letter.Is<FlowStepDeadLettered>()))
            return Repeat(letter, endpoint, cancellationToken);

        if (letter.Is<StartFlow>())
            return Id(letter, letter.Message) is { } started
                ? endpoint.Publish(Start(started, letter, reason), publish => Address(publish, started, letter), cancellationToken)
                : Task.CompletedTask;

        if (Step(letter) is not { } step)
            return Task.CompletedTask;

        return endpoint.Publish(step with { Reason = reason }, publish => Address(publish, step.FlowId, letter), cancellationToken);
    }

    // What tells a flow of a dead letter is told again: nobody else would tell it.
    static Task Repeat(ArrivedLetter letter, IPublishEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (letter.Message is not { } message || Id(letter, message) is not { } flow
            || Number(message, "repeated") is not { } repeated || repeated >= MostRepeats)
            return Task.CompletedTask;

        var reason = Text(message, "reason") ?? NoReason;
        return letter.Is<FlowStartDeadLettered>()
            ? endpoint.Publish(
                new FlowStartDeadLettered(
                    flow, Text(message, "specificationId") ?? "", Text(message, "tenantId") ?? "", Text(message, "step") ?? "", reason,
                    repeated + 1),
                publish => Address(publish, flow, letter), cancellationToken)
            : endpoint.Publish(
                new FlowStepDeadLettered(flow, Text(message, "stepId"), reason, repeated + 1), publish => Address(publish, flow, letter),
                cancellationToken);
    }

    static FlowStepDeadLettered? Step(ArrivedLetter letter)
    {
        var isOfThisQueue = letter.Letter.Queue == OrchestrationDomain.QueueName;
        if (!letter.Is<CallApi>() && !letter.Is<SendNotification>() && !(isOfThisQueue && IsOfFlow(letter)))
            return null;

        // What is dead-lettered while it tells of another dead letter has the message of that one in it.
        var message = letter.Message is { } fault && Member(fault, "faultId") is not null ? Member(fault, "message") : letter.Message;
        return Id(letter, message) is { } flow ? new FlowStepDeadLettered(flow, Text(message, "stepId"), "") : null;
    }

    // In the flows' own queue what cannot be read is a flow's, too, if the flow's id came with it.
    static bool IsOfFlow(ArrivedLetter letter) =>
        letter.MessageTypes.Count == 0
        || letter.Is<ApiCallSucceeded>() || letter.Is<ApiCallFailed>() || letter.Is<NotificationSent>() || letter.Is<NotificationFailed>()
        || letter.Is<Fault<ApiCallSucceeded>>() || letter.Is<Fault<ApiCallFailed>>() || letter.Is<Fault<CallApi>>()
        || letter.Is<Fault<NotificationSent>>() || letter.Is<Fault<NotificationFailed>>() || letter.Is<Fault<SendNotification>>();

    static FlowStartDeadLettered Start(Guid flow, ArrivedLetter letter, string reason)
    {
        var specification = letter.Message is { } message ? Member(message, "specification") : null;
        var first = specification is { } known && Member(known, "steps") is { ValueKind: JsonValueKind.Array } steps
            && steps.GetArrayLength() > 0
                ? steps[0]
                : (JsonElement?)null;
        return new FlowStartDeadLettered(
            flow, Text(specification, "id") ?? "", Text(letter.Message, "tenantId") ?? letter.Letter.Tenant ?? "", Text(first, "id") ?? "",
            reason);
    }

    static Guid? Id(ArrivedLetter letter, JsonElement? message) => message is { ValueKind: JsonValueKind.Object } readable
        ? Guid.TryParse(Text(readable, "flowId"), out var id) ? id : null
        : letter.Letter.Ids.CorrelationId ?? letter.Letter.Ids.InitiatorId;

    static string? Text(JsonElement? json, string name) =>
        json is { } known && Member(known, name) is { ValueKind: JsonValueKind.String } member
            ? StorableText.Of(member.GetString()!)
            : null;

    // Null if it is not a number; 0 if it is not there, as in a message of an earlier version.
    static int? Number(JsonElement json, string name) =>
        Member(json, name) is not { } member ? 0
        : member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out var number) ? number
        : null;

    static JsonElement? Member(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return null;

        foreach (var member in json.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value;
        }

        return null;
    }

    static string Sentence(string text) => text.EndsWith('.') ? text : $"{text}.";

    static void Address(PublishContext publish, Guid flow, ArrivedLetter letter)
    {
        publish.CorrelationId = flow;
        if (letter.Letter.Tenant is { } tenant && TenantHeader.IsValid(tenant))
            publish.SetTenantId(tenant);
    }
}
