namespace MaestroBus.Analytics.Contracts;

/// <summary>A tenant's use of one message type.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="MessageType">The message type's short name, such as <c>WebhookAccepted</c>.</param>
/// <param name="Count">How many have been handled.</param>
/// <param name="LastAt">When the newest of them was sent.</param>
public sealed record UsageCounted(string TenantId, string MessageType, long Count, DateTimeOffset LastAt);
