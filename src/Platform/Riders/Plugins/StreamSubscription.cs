namespace Maestro.Bus.Riders;

/// <summary>What a member of a group reads.</summary>
/// <param name="Topics">The topics' names; one that begins with <c>^</c> is a regular expression.</param>
/// <param name="Group">The group that shares the work.</param>
/// <param name="Start">Where a group begins that has acknowledged nothing yet.</param>
/// <param name="PollLimit">How many records are taken at a time at most.</param>
/// <param name="IsTransactional">Whether its acknowledgements are part of transactions.</param>
/// <param name="MayBeAbsent">Whether its topics may be missing, as those of failures are until something fails.</param>
public sealed record StreamSubscription(
    IReadOnlyList<string> Topics, string Group, StreamPosition Start, int PollLimit, bool IsTransactional, bool MayBeAbsent = false)
{
    /// <summary>Settings of the plug-in's client that are this endpoint's own, and win over the rider's.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it reads all topics whose names match a pattern.</summary>
    public bool IsPattern => Topics.Any(topic => topic.StartsWith('^'));
}
