namespace Maestro.Bus.Persistence;

/// <summary>Dead letters that failed alike: with the same exception, at the same place, in messages of the same type.</summary>
/// <param name="Fingerprint">What they have in common, as a short text.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Queues">In how many queues.</param>
/// <param name="Queue">The queue, or the first of them.</param>
/// <param name="MessageType">The message's type.</param>
/// <param name="Reason">Why they are here.</param>
/// <param name="ExceptionType">The exception's type.</param>
/// <param name="ExceptionMessage">The newest one's message.</param>
/// <param name="Place">Where it was thrown.</param>
/// <param name="FirstFailedAt">When the oldest one failed.</param>
/// <param name="LastFailedAt">When the newest one failed.</param>
/// <param name="NewestId">The newest one's number.</param>
public sealed record DeadLetterGroup(
    string Fingerprint, long Count, int Queues, string Queue, string? MessageType, string Reason, string? ExceptionType,
    string? ExceptionMessage, string? Place,
    DateTimeOffset FirstFailedAt, DateTimeOffset LastFailedAt, long NewestId)
{
    /// <summary>How many hexadecimal digits a fingerprint has.</summary>
    public const int FingerprintLength = 12;
}

/// <summary>How many dead letters came within a stretch of time, of one group, queue and tenant.</summary>
public sealed record DeadLetterCount(DateTimeOffset From, string Fingerprint, string Queue, string? Tenant, long Count);
