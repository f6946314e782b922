namespace Maestro.Bus.Riders;

/// <summary>What a rider's plug-in can do.</summary>
[Flags]
public enum StreamCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Writes records.</summary>
    Publishing = 1,

    /// <summary>Reads records.</summary>
    Subscription = 2,

    /// <summary>Reads all topics whose names match a pattern.</summary>
    PatternRouting = 4,

    /// <summary>Sends several records at once.</summary>
    Batching = 8,

    /// <summary>Divides a topic into partitions by the records' keys.</summary>
    Partitioning = 16,

    /// <summary>Divides a topic's partitions among the members of a group.</summary>
    ConsumerGroups = 32,

    /// <summary>Reads again from an offset or a time.</summary>
    Replay = 64,

    /// <summary>Writes records and acknowledges others in one transaction.</summary>
    Transactions = 128,

    /// <summary>Creates topics with a number of partitions and a time of retention.</summary>
    TopicCreation = 256,
}
