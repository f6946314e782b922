namespace MaestroBus.Jobs;

/// <summary>Adds jobs that were submitted within somebody's transaction, after its commit.</summary>
public sealed record AddJobs(IReadOnlyList<NewJob> Jobs, NewBatch? Batch);
