namespace MaestroBus.Riders;

/// <summary>A topic as it is created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Its number of partitions; none for the broker's default.</param>
/// <param name="Replicas">How many brokers hold it; none for the broker's default.</param>
/// <param name="Retention">How long records are kept; none for the broker's default.</param>
public sealed record TopicSpecification(string Name, int? Partitions = null, short? Replicas = null, TimeSpan? Retention = null);
