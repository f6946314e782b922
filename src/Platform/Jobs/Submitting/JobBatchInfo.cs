namespace Maestro.Bus.Jobs;

/// <summary>A batch of jobs.</summary>
/// <param name="Id">The batch's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Total">How many jobs it has.</param>
/// <param name="Remaining">How many of them have not ended.</param>
/// <param name="Failed">How many of them have failed.</param>
/// <param name="Canceled">How many of them were cancelled.</param>
/// <param name="Created">When it was submitted.</param>
/// <param name="Ended">When its last job ended.</param>
/// <param name="Tenant">The tenant that it is run for.</param>
public sealed record JobBatchInfo(
    Guid Id, string? Name, int Total, int Remaining, int Failed, int Canceled, DateTimeOffset Created, DateTimeOffset? Ended,
    string? Tenant)
{
    /// <summary>How many of its jobs have succeeded.</summary>
    public int Completed => Total - Remaining - Failed - Canceled;
}
