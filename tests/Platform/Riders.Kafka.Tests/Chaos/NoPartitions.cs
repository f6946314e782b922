namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Does not care which partitions it has.</summary>
sealed class NoPartitions : IStreamPartitions
{
    public static NoPartitions Instance { get; } = new();

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
