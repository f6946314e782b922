namespace Maestro.Bus.Jobs;

/// <summary>Which jobs to list. What is not said takes all.</summary>
public sealed record JobFilter
{
    /// <summary>The name of the kind of job.</summary>
    public string? Type { get; init; }

    /// <summary>The queue of the job's domain.</summary>
    public string? Queue { get; init; }

    /// <summary>The tenant that the job is run for.</summary>
    public string? Tenant { get; init; }

    /// <summary>Where the job is in its life.</summary>
    public JobStage? Stage { get; init; }

    /// <summary>Whether the job is being cancelled: it runs still, and has been told to end.</summary>
    public bool? IsCanceling { get; init; }

    /// <summary>The batch that the job belongs to.</summary>
    public Guid? Batch { get; init; }

    /// <summary>The job's parent.</summary>
    public Guid? Parent { get; init; }

    /// <summary>The <see cref="JobInfo.Number"/> of the last job of the page before this one.</summary>
    public long? Before { get; init; }

    /// <summary>How many jobs at most.</summary>
    /// <value>The default is 100.</value>
    public int Limit { get; init; } = 100;
}

/// <summary>How many jobs there are of a kind and stage; those that run and have been told to end are counted apart.</summary>
public sealed record JobCount(string Type, string Queue, JobStage Stage, bool IsCanceling, long Count);
