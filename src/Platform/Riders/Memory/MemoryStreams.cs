using System.Text.RegularExpressions;

namespace Maestro.Bus.Riders;

/// <summary>
/// Topics in this process, with partitions, groups and transactions: for tests, and for trying out. Nothing is left of them when the
/// process ends.
/// </summary>
public sealed class MemoryStreams(int partitions = 4)
{
    readonly object _gate = new();
    readonly Dictionary<string, List<StreamRecord>[]> _topics = new(StringComparer.Ordinal);
    readonly Dictionary<string, MemoryGroup> _groups = new(StringComparer.Ordinal);
    int _next;

    /// <summary>Whether it behaves like a broker that is away: nothing is written, nothing is read, nobody is answered.</summary>
    public bool IsAway { get; set; }

    /// <summary>The records of a topic, in the order of their partitions and offsets.</summary>
    public IReadOnlyList<StreamRecord> Records(string topic)
    {
        lock (_gate)
            return _topics.TryGetValue(topic, out var lists) ? [.. lists.SelectMany(list => list)] : [];
    }

    /// <summary>How far a group has acknowledged a partition: the offset of the next record.</summary>
    public long Acknowledged(string group, StreamPartition partition)
    {
        lock (_gate)
            return _groups.TryGetValue(group, out var known) ? known.Acknowledged.GetValueOrDefault(partition) : 0;
    }

    internal void Write(IReadOnlyCollection<OutgoingRecord> records, Action? also = null)
    {
        lock (_gate)
        {
            ThrowIfAway();
            foreach (var record in records)
            {
                var lists = TopicOf(record.Topic);
                var number = record.Partition ?? (record.Key is { } key ? PartitionOf(key, lists.Length) : _next++ % lists.Length);
                var list = lists[number];
                list.Add(new StreamRecord(
                    new StreamPartition(record.Topic, number), list.Count, record.Key, record.Value, record.Headers,
                    record.Timestamp ?? TimeProvider.System.GetUtcNow()));
            }

            also?.Invoke();
            Monitor.PulseAll(_gate);
        }
    }

    internal void Create(string topic, int? count)
    {
        lock (_gate)
        {
            ThrowIfAway();
            _topics.TryAdd(topic, NewTopic(count ?? partitions));
        }
    }

    internal void ThrowIfAway()
    {
        if (IsAway)
            throw new TimeoutException("The streams in memory are switched off.");
    }

    /// <summary>Runs something on a group's state.</summary>
    internal T With<T>(string group, Func<MemoryGroup, T> work)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(group, out var known))
                _groups[group] = known = new MemoryGroup();

            var result = work(known);
            Monitor.PulseAll(_gate);
            return result;
        }
    }

    /// <summary>Waits until something has been written or a group has changed.</summary>
    internal void Await(Func<bool> isReady, TimeSpan limit)
    {
        lock (_gate)
        {
            if (!isReady())
                Monitor.Wait(_gate, limit);
        }
    }

    internal IReadOnlyList<StreamPartition> PartitionsOf(IReadOnlyList<string> subscribed)
    {
        foreach (var topic in subscribed.Where(topic => !topic.StartsWith('^')))
            TopicOf(topic);

        return
        [
            .. _topics
                .Where(topic => subscribed.Any(name => name.StartsWith('^') ? Regex.IsMatch(topic.Key, name) : name == topic.Key))
                .SelectMany(topic => Enumerable.Range(0, topic.Value.Length).Select(number => new StreamPartition(topic.Key, number)))
                .OrderBy(partition => partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Number),
        ];
    }

    internal IReadOnlyList<StreamRecord> LogOf(StreamPartition partition) => _topics[partition.Topic][partition.Number];

    static List<StreamRecord>[] NewTopic(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<StreamRecord>())];

    static int PartitionOf(byte[] key, int count)
    {
        var hash = 2166136261u;
        foreach (var part in key)
            hash = (hash ^ part) * 16777619u;

        return (int)(hash % (uint)count);
    }

    List<StreamRecord>[] TopicOf(string topic) => _topics.TryGetValue(topic, out var lists) ? lists : _topics[topic] = NewTopic(partitions);
}
