namespace Maestro.Bus.Admin.Contracts;

/// <summary>Dead letters that failed alike.</summary>
public sealed record DeadLetterGroupView(
    string Fingerprint,
    long Count,
    string Queue,
    int Queues,
    string? MessageType,
    string Reason,
    string? ExceptionType,
    string? ExceptionMessage,
    string? Place,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    long NewestId);

/// <summary>How many dead letters came within a stretch of time.</summary>
public sealed record DeadLetterCountView(DateTimeOffset From, string Fingerprint, string Queue, string? Tenant, long Count);
