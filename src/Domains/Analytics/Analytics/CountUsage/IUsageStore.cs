namespace MaestroBus.Analytics;

/// <summary>Keeps what tenants have used, by message type and hour.</summary>
public interface IUsageStore
{
    /// <summary>Counts a message. One whose id has been counted already changes nothing.</summary>
    Task Count(UsedMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// What a tenant has used in the hours that begin at or after <paramref name="from"/> and before <paramref name="to"/>, in the order of
    /// the message types' names.
    /// </summary>
    Task<IReadOnlyList<MessageUsage>> Find(string tenantId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);
}

/// <summary>A message that counts as used.</summary>
/// <param name="MessageId">The message's id; a message without one is counted each time.</param>
/// <param name="TenantId">The tenant it belongs to.</param>
/// <param name="MessageType">Its type's short name.</param>
/// <param name="SentAt">When it was sent.</param>
public sealed record UsedMessage(Guid? MessageId, string TenantId, string MessageType, DateTimeOffset SentAt);
