using System.Collections.Concurrent;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Notes which partitions come.</summary>
sealed class Changes : IStreamPartitions
{
    readonly ConcurrentQueue<IReadOnlyCollection<StreamPartition>> _assigned = new();

    public int Assignments => _assigned.Count;

    public IReadOnlyCollection<string> Topics =>
        [.. _assigned.SelectMany(partitions => partitions).Select(partition => partition.Topic).Distinct()];

    public void Assigned(IReadOnlyCollection<StreamPartition> partitions) => _assigned.Enqueue(partitions);

    public void Revoked(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
    }

    public void Lost(IReadOnlyCollection<StreamPartition> partitions)
    {
    }
}

/// <summary>Takes what a plug-in has to say.</summary>
sealed class PluginLog(LogLines lines) : ILogger<KafkaPlugin>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Log(logLevel, eventId, state, exception, formatter);
}
