namespace Maestro.Bus.Messaging;

/// <summary>
/// Which failures are worth another try, <c>Bus:Queues:{queue}:Retry</c>. What is invalid and what was cancelled never is.
/// </summary>
public sealed record RetryRules
{
    /// <summary>Exceptions that are never retried, with those derived from them: their names, with or without the namespace.</summary>
    /// <value>The default is none.</value>
    public List<string> Never { get; init; } = [];

    /// <summary>The only exceptions that are retried, with those derived from them.</summary>
    /// <value>The default is none, which retries all but <see cref="Never"/>.</value>
    public List<string> Only { get; init; } = [];

    /// <summary>Whether the other rules name the same exceptions.</summary>
    public bool Equals(RetryRules? other) => other is not null && Never.SequenceEqual(other.Never) && Only.SequenceEqual(other.Only);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Never.Count, Only.Count);
}
