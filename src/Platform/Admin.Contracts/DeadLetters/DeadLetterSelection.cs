namespace Maestro.Bus.Admin.Contracts;

/// <summary>Says which dead letters are meant: those that have everything that is said here.</summary>
public sealed record DeadLetterSelection
{
    /// <summary>The queue they failed in.</summary>
    public string? Queue { get; init; }

    /// <summary>Their tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Their group.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The exception's type, as a whole or its last part.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The message's type, as a whole or its last part.</summary>
    public string? MessageType { get; init; }

    /// <summary>Why they are here.</summary>
    public string? Reason { get; init; }

    /// <summary>The message's id.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>A text in the exception's message, in any case.</summary>
    public string? Text { get; init; }

    /// <summary>They failed at this time or after it.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>They failed before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>All there are, where nothing else is said.</summary>
    public bool All { get; init; }
}
