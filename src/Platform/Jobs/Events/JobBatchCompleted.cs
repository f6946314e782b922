namespace Maestro.Bus.Jobs;

/// <summary>All jobs of a batch have ended. Published once for each batch, unless it was submitted with a message of its own.</summary>
/// <param name="BatchId">The batch's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Total">How many jobs it has.</param>
/// <param name="Completed">How many of them have succeeded.</param>
/// <param name="Faulted">How many of them have failed.</param>
/// <param name="Canceled">How many of them were cancelled.</param>
/// <param name="Timestamp">When the last one ended.</param>
[MessageUrn("Maestro.Bus.Jobs:JobBatchCompleted")]
public sealed record JobBatchCompleted(
    Guid BatchId, string? Name, int Total, int Completed, int Faulted, int Canceled, DateTimeOffset Timestamp);
