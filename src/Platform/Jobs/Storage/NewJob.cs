namespace Maestro.Bus.Jobs;

/// <summary>A job to be added. It is also what a message carries that adds jobs with somebody else's commit.</summary>
public sealed record NewJob
{
    /// <summary>The job's id: what has the same id is the same job.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name of the kind of job.</summary>
    public required string Type { get; init; }

    /// <summary>The queue of the job's domain.</summary>
    public required string Queue { get; init; }

    /// <summary>The job, as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>Which jobs are begun first, from 0 (last) to 9 (first).</summary>
    public int Priority { get; init; } = MessagePriority.Default;

    /// <summary>When the job may begin; at once where it is not said.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The tenant that the job is run for.</summary>
    public string? Tenant { get; init; }

    /// <summary>The conversation that the job belongs to.</summary>
    public Guid? Correlation { get; init; }

    /// <summary>The job's properties, as JSON.</summary>
    public string? Properties { get; init; }

    /// <summary>The job that is not completed before this one has ended.</summary>
    public Guid? Parent { get; init; }

    /// <summary>The batch that the job belongs to.</summary>
    public Guid? Batch { get; init; }

    /// <summary>Whether the id is remembered after the job's record is gone; not needed where nobody can submit the same again.</summary>
    public bool IsRemembered { get; init; } = true;
}
