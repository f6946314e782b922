namespace MaestroBus.Analytics;

/// <summary>Keeps usage in the process: what is counted is gone when it ends, and each process has its own.</summary>
sealed partial class MemoryUsageStore(AnalyticsSettings settings, ILogger<MemoryUsageStore> logger) : IUsageStore
{
    readonly Lock _lock = new();
    readonly SortedDictionary<DateTimeOffset, Dictionary<(string Tenant, string MessageType), Counter>> _hours = [];
    readonly HashSet<Guid> _messageIds = [];
    readonly Queue<Guid> _messageIdsByAge = [];
    int _counters;
    DateTimeOffset? _full;

    public Task Count(UsedMessage message, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (message.MessageId is not { } id || Remember(id))
                Count(Hours.Floor(message.SentAt), (message.TenantId, message.MessageType), message.SentAt);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<MessageUsage>> Find(string tenantId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<MessageUsage>>(
            [
                .. _hours
                    .Where(hour => hour.Key >= from && hour.Key < to)
                    .SelectMany(hour => hour.Value)
                    .Where(counter => counter.Key.Tenant == tenantId)
                    .GroupBy(counter => counter.Key.MessageType, counter => counter.Value)
                    .OrderBy(type => type.Key, StringComparer.Ordinal)
                    .Select(type => new MessageUsage(type.Key, type.Sum(counter => counter.Count), type.Max(counter => counter.LastAt))),
            ]);
    }

    bool Remember(Guid messageId)
    {
        if (!_messageIds.Add(messageId))
            return false;

        _messageIdsByAge.Enqueue(messageId);
        if (_messageIdsByAge.Count > settings.MessageIds)
            _messageIds.Remove(_messageIdsByAge.Dequeue());
        return true;
    }

    void Count(DateTimeOffset hour, (string Tenant, string MessageType) key, DateTimeOffset sentAt)
    {
        if (!_hours.TryGetValue(hour, out var counters) || !counters.TryGetValue(key, out var counter))
        {
            if (!MakeRoom(hour))
                return;

            if (counters is null)
                _hours[hour] = counters = [];

            counters[key] = counter = new Counter { LastAt = sentAt };
            _counters++;
        }

        counter.Count++;
        if (sentAt > counter.LastAt)
            counter.LastAt = sentAt;
    }

    // Older hours give way to a newer one; the newest is never thrown away for more of the same hour.
    bool MakeRoom(DateTimeOffset hour)
    {
        while (_counters >= settings.Counters)
        {
            var (oldest, counters) = _hours.First();

            if (oldest >= hour)
            {
                if (_full != hour)
                    LogFull(hour, settings.Counters);
                _full = hour;
                return false;
            }

            _hours.Remove(oldest);
            _counters -= counters.Count;
            LogDropped(oldest, settings.Counters);
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "The usage of the hour from {Hour:u} is dropped to make room: {Counters} counters are kept. Raise Bus:Analytics:Counters to keep more.")]
    partial void LogDropped(DateTimeOffset hour, int counters);

    [LoggerMessage(2, LogLevel.Error, "Messages of the hour from {Hour:u} are not counted: all {Counters} counters hold this hour or newer ones. Raise Bus:Analytics:Counters.")]
    partial void LogFull(DateTimeOffset hour, int counters);

    sealed class Counter
    {
        public long Count { get; set; }

        public DateTimeOffset LastAt { get; set; }
    }
}
