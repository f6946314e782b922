namespace Maestro.Bus.Persistence;

/// <summary>What has become of a dead letter. The database keeps the numbers.</summary>
public enum DeadLetterState : short
{
    /// <summary>Nobody has done anything about it.</summary>
    Waiting = 0,

    /// <summary>It was sent to its queue again.</summary>
    Retried = 1,

    /// <summary>An edited copy was sent in its place.</summary>
    Edited = 2,

    /// <summary>It was sent to another queue.</summary>
    Redirected = 3,

    /// <summary>It is not wanted any more. It can be restored for as long as it is kept.</summary>
    Discarded = 4,
}
