namespace Maestro.Bus.Persistence;

/// <summary>Deals the ordering keys to partitions, which is what hosts and dispatchers share the outbox by.</summary>
static class OutboxPartitions
{
    public const short Count = 32;

    const uint Basis = 2166136261;
    const uint Prime = 16777619;

    /// <summary>
    /// The partition of a key. The database keeps it, so every host and version must come to the same one: this is FNV-1a.
    /// </summary>
    public static short Of(string orderingKey)
    {
        var hash = Basis;
        foreach (var character in orderingKey)
            hash = unchecked((hash ^ character) * Prime);

        return (short)(hash % Count);
    }
}
