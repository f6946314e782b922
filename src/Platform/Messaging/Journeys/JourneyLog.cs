namespace Maestro.Bus.Messaging;

/// <summary>
/// The newest hops of the messages that this process has handled, by conversation. Fixed in size: the oldest hops go first.
/// </summary>
public sealed class JourneyLog
{
    readonly Lock _gate = new();
    readonly (Guid ConversationId, Hop Hop)[] _ring;
    long _next;

    public JourneyLog(JourneySettings settings) => _ring = new (Guid, Hop)[settings.Hops];

    /// <summary>The hops of one conversation in the order in which they began.</summary>
    public IReadOnlyList<Hop> Of(Guid conversationId)
    {
        lock (_gate)
        {
            return _ring
                .Where(entry => entry.Hop is not null && entry.ConversationId == conversationId)
                .Select(entry => entry.Hop)
                .OrderBy(hop => hop.StartedAt)
                .ToList();
        }
    }

    internal void Add(Guid conversationId, Hop hop)
    {
        lock (_gate)
            _ring[_next++ % _ring.Length] = (conversationId, hop);
    }
}
