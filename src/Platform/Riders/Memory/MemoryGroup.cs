namespace Maestro.Bus.Riders;

/// <summary>A group's members, what each of them has, and how far the group has come.</summary>
sealed class MemoryGroup
{
    public List<MemoryConsumer> Members { get; } = [];

    public Dictionary<StreamPartition, MemoryConsumer> Owners { get; } = [];

    public Dictionary<StreamPartition, long> Acknowledged { get; } = [];

    /// <summary>The partitions that a member is to have.</summary>
    public HashSet<StreamPartition> Share(MemoryConsumer member, IReadOnlyList<StreamPartition> partitions)
    {
        var members = Members.FindAll(other => other.Subscribed.SequenceEqual(member.Subscribed));
        var place = members.IndexOf(member);
        return [.. partitions.Where((_, index) => index % members.Count == place)];
    }
}
