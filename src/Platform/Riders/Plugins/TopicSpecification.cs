namespace Maestro.Bus.Riders;

/// <summary>A topic as it is created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Its number of partitions; none for the broker's default.</param>
/// <param name="Replicas">How many brokers hold it; none for the broker's default.</param>
/// <param name="Retention">How long records are kept; none for the broker's default.</param>
public sealed record TopicSpecification(string Name, int? Partitions = null, short? Replicas = null, TimeSpan? Retention = null)
{
    /// <summary>
    /// The topic whose failures it takes; none where it is no topic of failures. It keeps records for as long as <see cref="Retention"/>
    /// says and drops none for another of its key, and takes what that topic takes with the headers that are added.
    /// </summary>
    public string? FailuresOf { get; init; }

    /// <summary>What no broker can make of it.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Partitions < 1)
            yield return $"is to have {Partitions} partitions. Use 1 or more, or none to leave it to the broker.";
        if (Replicas < 1)
            yield return $"is to have {Replicas} replicas. Use 1 or more, or none to leave it to the broker.";
        if (Retention <= TimeSpan.Zero)
            yield return $"is to keep its records for {Retention}. Use a longer time, or none to leave it to the broker.";
    }
}
