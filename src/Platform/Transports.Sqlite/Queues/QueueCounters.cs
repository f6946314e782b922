namespace Maestro.Bus.Transports.Sqlite;

/// <summary>What has happened to a queue's messages in this process. Written by the writer's thread, read by any.</summary>
sealed class QueueCounters
{
    long _delivered;
    long _completed;
    long _moved;

    public long Delivered => Volatile.Read(ref _delivered);

    public long Completed => Volatile.Read(ref _completed);

    public long DeadLettered => Volatile.Read(ref _moved);

    public void CountDelivery() => _delivered++;

    public void CountCompletion() => _completed++;

    public void CountDeadLetter() => _moved++;
}
