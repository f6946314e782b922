namespace Maestro.Bus.Admin.Contracts;

/// <summary>A dead letter as a list shows it.</summary>
public sealed record DeadLetterView
{
    /// <summary>Its number, which the commands take.</summary>
    public long Id { get; init; }

    /// <summary>The queue it failed in.</summary>
    public required string Queue { get; init; }

    /// <summary>The message's own id; none where it cannot be read.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The message's type.</summary>
    public string? MessageType { get; init; }

    /// <summary>
    /// <c>fault</c>, <c>unreadable</c>, <c>invalid</c>, <c>dead-letter</c> (nobody handles it), <c>expired</c>, <c>delivery-limit</c>,
    /// <c>process-ended</c>, <c>queue-full</c> or <c>rejected</c>.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>The exception's type.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The exception's message.</summary>
    public string? ExceptionMessage { get; init; }

    /// <summary>Where it was thrown: the first frame that is no library's.</summary>
    public string? Place { get; init; }

    /// <summary>The group of those that failed alike.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first attempt failed.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed for good.</summary>
    public DateTimeOffset FailedAt { get; init; }

    /// <summary>The message's tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>How many bytes the body has.</summary>
    public int Size { get; init; }

    /// <summary><c>waiting</c>, <c>retried</c>, <c>edited</c>, <c>redirected</c> or <c>discarded</c>.</summary>
    public required string State { get; init; }

    /// <summary>When that came about.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Who did it.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>The edited copy's message id, or the queue it was redirected to.</summary>
    public string? Note { get; init; }
}
