namespace Maestro.Bus.Messaging;

/// <summary>One handling of one message.</summary>
/// <param name="Queue">The queue that delivered the message.</param>
/// <param name="MessageType">The message type's short name.</param>
/// <param name="MessageId">The message's id.</param>
/// <param name="Consumer">The consumer or saga that handled it.</param>
/// <param name="StartedAt">When the handling began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Outcome"><c>handled</c>, <c>retrying</c> or <c>failed</c>.</param>
/// <param name="Tenant">The tenant that the message belongs to; the default tenant if the message names none.</param>
/// <param name="Error">What went wrong, if anything did.</param>
public sealed record Hop(
    string Queue,
    string MessageType,
    Guid? MessageId,
    string Consumer,
    DateTimeOffset StartedAt,
    TimeSpan Duration,
    string Outcome,
    string Tenant,
    string? Error = null);
