namespace Maestro.Bus.Jobs;

/// <summary>What is said about jobs when they are submitted. What is not said is as the settings of their kind have it.</summary>
public sealed record JobSubmission
{
    /// <summary>The id of a single job: submitting it again with the same id changes nothing. Not for several jobs at once.</summary>
    public Guid? Id { get; init; }

    /// <summary>Which jobs are begun first, from 0 (last) to 9 (first).</summary>
    public int? Priority { get; init; }

    /// <summary>How long it waits before it may begin.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The job that is not completed before this one has ended. It must not have ended itself.</summary>
    public Guid? Parent { get; init; }

    /// <summary>
    /// The tenant that it is run for; where it is not said, the one that the job's own <c>TenantId</c> names, that of the message being
    /// handled, or the bus's default.
    /// </summary>
    public string? Tenant { get; init; }

    /// <summary>Whatever else the consumer is to find in its <c>JobProperties</c>.</summary>
    public IReadOnlyDictionary<string, object>? Properties { get; init; }
}

/// <summary>What is said about a batch of jobs when it is submitted.</summary>
public sealed record BatchSubmission
{
    /// <summary>The batch's id: submitting it again with the same id and jobs changes nothing.</summary>
    public Guid? Id { get; init; }

    /// <summary>What people call it.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The message that is published once, when the last of its jobs has ended; <see cref="JobBatchCompleted"/> where there is none.
    /// </summary>
    public object? WhenEnded { get; init; }

    /// <summary>What is said about its jobs.</summary>
    public JobSubmission Jobs { get; init; } = new();
}
