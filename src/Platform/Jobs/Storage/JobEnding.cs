namespace Maestro.Bus.Jobs;

/// <summary>What has become of an attempt: how the job ends, or how it goes on.</summary>
sealed record JobEnding
{
    public required JobRow Job { get; init; }

    /// <summary>
    /// The job's new status: one of the last ones, or <see cref="JobStage.Ready"/> or <see cref="JobStage.Scheduled"/> for another attempt.
    /// </summary>
    public required JobStage Stage { get; init; }

    /// <summary>When the attempt has begun, by the stopwatch; null if that is not known.</summary>
    public long? Begun { get; init; }

    /// <summary>How long until the next attempt.</summary>
    public TimeSpan Delay { get; init; }

    public int Failures { get; init; }

    public int Stalls { get; init; }

    public string? Reason { get; init; }

    public string? Exceptions { get; init; }

    public JobProgress? Progress { get; init; }

    public IReadOnlyList<JobLogLine> Logs { get; init; } = [];

    /// <summary>Whether its texts are left out, as they cannot be written.</summary>
    public bool IsReduced { get; init; }

    /// <summary>The same without the texts, which cannot be written for a reason.</summary>
    public JobEnding Reduce(string reason) => this with
    {
        Reason = $"What it has said cannot be kept: {reason}",
        Exceptions = null,
        Logs = [],
        IsReduced = true,
    };
}

/// <summary>How far a job is.</summary>
readonly record struct JobProgress(long Value, long? Limit);
