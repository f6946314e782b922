namespace Maestro.Bus.Admin.Contracts;

/// <summary>Asks to send a dead letter to another queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Create">Whether it may be a queue that this host does not know.</param>
public sealed record RedirectRequest(string? Queue, bool Create = false);

/// <summary>Tells that a dead letter has been written down to be sent and has not reached its queue yet. The bus goes on trying.</summary>
/// <param name="State"><c>pending</c>.</param>
/// <param name="Reason">Why it has not; null if nobody has said so far.</param>
public sealed record PendingView(string State, string? Reason);

/// <summary>Asks to send an edited copy of a dead letter.</summary>
/// <param name="Message">The message in its place, as text; none to leave it.</param>
/// <param name="Headers">Headers with new values, or null to take them off.</param>
public sealed record EditRequest(string? Message, IReadOnlyDictionary<string, string?>? Headers);

/// <summary>Tells of an edited copy.</summary>
/// <param name="MessageId">The copy's message id.</param>
public sealed record EditedView(Guid MessageId);

/// <summary>Asks to do something with many dead letters.</summary>
/// <param name="Kind"><c>retry</c>, <c>redirect</c>, <c>discard</c>, <c>restore</c> or <c>purge</c>.</param>
/// <param name="Selection">With which ones.</param>
/// <param name="Queue">The queue to redirect to.</param>
/// <param name="Create">Whether it may be a queue that this host does not know.</param>
public sealed record OperationRequest(string? Kind, DeadLetterSelection? Selection, string? Queue = null, bool Create = false);

/// <summary>Something that is done with many dead letters.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Queue">The queue to redirect to.</param>
/// <param name="State"><c>running</c>, <c>stopped</c> or <c>done</c>.</param>
/// <param name="Total">How many there were when it began.</param>
/// <param name="Done">With how many it is done.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="CreatedBy">Who began it.</param>
/// <param name="UpdatedAt">When it last came further.</param>
/// <param name="Error">What keeps it from going on, while something does.</param>
public sealed record OperationView(
    long Id, string Kind, string? Queue, string State, long Total, long Done, DateTimeOffset CreatedAt, string? CreatedBy,
    DateTimeOffset UpdatedAt, string? Error);
