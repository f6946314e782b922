namespace Maestro.Bus.Jobs;

/// <summary>Adds jobs that were submitted within somebody's transaction, after its commit.</summary>
[MessageUrn("Maestro.Bus.Jobs:AddJobs")]
public sealed record AddJobs(IReadOnlyList<NewJob> Jobs, NewBatch? Batch);
