namespace Maestro.Bus.Persistence;

/// <summary>A dead letter in the store, without its body.</summary>
public sealed record StoredDeadLetter
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>The queue it failed in.</summary>
    public required string Queue { get; init; }

    /// <summary>Where it goes when it is sent again.</summary>
    public required string Address { get; init; }

    /// <summary>The message's own id.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The message's type.</summary>
    public string? MessageType { get; init; }

    /// <summary>Why it is here.</summary>
    public required string Reason { get; init; }

    /// <summary>The innermost exception's type.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The innermost exception's message.</summary>
    public string? ExceptionMessage { get; init; }

    /// <summary>The first frame of the stack trace that is not a library's.</summary>
    public string? Place { get; init; }

    /// <summary>The group it belongs to.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first attempt failed.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed for good.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The message's tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>How many bytes the body has.</summary>
    public int Size { get; init; }

    /// <summary>What has become of it.</summary>
    public DeadLetterState State { get; init; }

    /// <summary>When that was; none while it waits.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Who did it.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>The edited copy's message id, or the queue it was redirected to.</summary>
    public string? Note { get; init; }
}
