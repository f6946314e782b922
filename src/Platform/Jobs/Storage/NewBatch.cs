namespace Maestro.Bus.Jobs;

/// <summary>A batch to be added, before its jobs.</summary>
public sealed record NewBatch
{
    /// <summary>The batch's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>What people call it.</summary>
    public string? Name { get; init; }

    /// <summary>How many jobs it has.</summary>
    public required int Total { get; init; }

    /// <summary>The tenant that it is run for.</summary>
    public string? Tenant { get; init; }

    /// <summary>The message that is published when all have ended, as it goes over the wire; the bus's own where there is none.</summary>
    public StoredMessage? Callback { get; init; }
}
