namespace Maestro.Bus.Persistence;

/// <summary>
/// Something that is done with many dead letters, in batches, by whichever hosts run. It can be stopped and resumed, and outlives the
/// hosts.
/// </summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Filter">With which dead letters: those that there were when it began.</param>
/// <param name="Target">The queue to redirect to.</param>
/// <param name="State"><c>running</c>, <c>stopped</c> or <c>done</c>.</param>
/// <param name="Total">How many there were when it began.</param>
/// <param name="Done">With how many it is done.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="CreatedBy">Who began it.</param>
/// <param name="UpdatedAt">When it last came further.</param>
/// <param name="Error">What keeps it from going on, while something does.</param>
public sealed record DeadLetterOperation(
    long Id, DeadLetterActionKind Kind, DeadLetterFilter Filter, string? Target, string State, long Total, long Done,
    DateTimeOffset CreatedAt, string? CreatedBy,
    DateTimeOffset UpdatedAt, string? Error)
{
    /// <summary>It is being worked on, or will be by the next host that runs.</summary>
    public const string Running = "running";

    /// <summary>Somebody has stopped it.</summary>
    public const string Stopped = "stopped";

    /// <summary>There is nothing left to do.</summary>
    public const string Finished = "done";
}
