namespace Maestro.Bus.Persistence;

/// <summary>Dead letters of one group that nobody has been told of yet.</summary>
/// <param name="Fingerprint">The group.</param>
/// <param name="Count">How many have come since the last alert.</param>
/// <param name="Total">How many have ever come.</param>
/// <param name="Queue">The queue of the newest one.</param>
/// <param name="MessageType">The message's type.</param>
/// <param name="Reason">Why they are here.</param>
/// <param name="ExceptionType">The exception's type.</param>
/// <param name="ExceptionMessage">The newest one's message.</param>
/// <param name="Place">Where it was thrown.</param>
/// <param name="NewestId">The newest one's number.</param>
/// <param name="LastStoredAt">When the newest one came.</param>
public sealed record DeadLetterArrival(
    string Fingerprint, long Count, long Total, string Queue, string? MessageType, string Reason, string? ExceptionType,
    string? ExceptionMessage, string? Place, long NewestId,
    DateTimeOffset LastStoredAt);
