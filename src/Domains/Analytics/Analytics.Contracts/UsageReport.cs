namespace MaestroBus.Analytics.Contracts;

/// <summary>What a tenant has used.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="From">The beginning of the first hour that counts.</param>
/// <param name="To">The end of the last hour that counts.</param>
/// <param name="Usage">One entry for each message type that was counted, in the order of their names; empty for a tenant without
/// any.</param>
public sealed record UsageReport(string Tenant, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<MessageUsage> Usage);

/// <summary>A tenant's use of one message type.</summary>
/// <param name="MessageType">The message type's short name, such as <c>WebhookAccepted</c>.</param>
/// <param name="Count">How many were sent.</param>
/// <param name="LastAt">When the newest of them was sent.</param>
public sealed record MessageUsage(string MessageType, long Count, DateTimeOffset LastAt);
