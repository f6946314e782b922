namespace Maestro.Bus.Compliance;

/// <summary>Reads a topic as a foreign program does, from its beginning.</summary>
public sealed class RecordReader : IStreamPartitions
{
    static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    public static Task<IReadOnlyList<StreamRecord>> AtLeast(
        IStreamPlugin plugin, string topic, int count, TimeSpan? patience = null) => Task.Run(async () =>
    {
        var limit = patience ?? Limits.Arrival;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var records = new List<StreamRecord>();
        var consumer = plugin.Consume(new StreamSubscription(
            [topic], $"reader-{NewId.NextGuid():n}", StreamPosition.Earliest, 500, IsTransactional: false), new RecordReader());

        while (records.Count < count)
        {
            records.AddRange(consumer.Receive(500, Wait));
            if (clock.Elapsed > limit)
                throw new TimeoutException(
                    $"Waited {limit.TotalSeconds} s for {count} records of {topic}. There are {records.Count}.");
        }

        await consumer.DisposeAsync();
        return (IReadOnlyList<StreamRecord>)records;
    });

    public void Assigned(IReadOnlyCollection<StreamPartition> partitions)
    {
    }

    public void Revoked(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
    }

    public void Lost(IReadOnlyCollection<StreamPartition> partitions)
    {
    }
}
