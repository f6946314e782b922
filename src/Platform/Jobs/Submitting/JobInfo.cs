using System.Text.Json;

namespace Maestro.Bus.Jobs;

/// <summary>A job, as people see it.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Number">The job's place among all, in the order of submission.</param>
/// <param name="Type">The name of the kind of job.</param>
/// <param name="Queue">The queue of the job's domain.</param>
/// <param name="Stage">Where it is in its life.</param>
/// <param name="Priority">From 0 (last) to 9 (first).</param>
/// <param name="Due">When it may begin.</param>
/// <param name="Created">When it was submitted.</param>
/// <param name="Started">When its last attempt began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Attempt">How many attempts have begun.</param>
/// <param name="Failures">How many attempts have failed.</param>
/// <param name="Stalls">How often its host showed no life.</param>
/// <param name="Host">The process that runs it.</param>
/// <param name="IsCanceling">Whether it runs, and has been told to end.</param>
/// <param name="Progress">How far it is, in a measure of its own.</param>
/// <param name="ProgressLimit">How far there is to go.</param>
/// <param name="Tenant">The tenant that it is run for.</param>
/// <param name="Parent">The job that waits for it.</param>
/// <param name="Children">How many children it waits for.</param>
/// <param name="Batch">The batch that it belongs to.</param>
/// <param name="Reason">Why it ended, or why its last attempt did; of one that has completed, what it says of its result.</param>
/// <param name="Job">The job itself.</param>
/// <param name="State">What it has saved.</param>
/// <param name="Exceptions">What its last failed attempt threw.</param>
public sealed record JobInfo(
    Guid Id,
    long Number,
    string Type,
    string Queue,
    JobStage Stage,
    int Priority,
    DateTimeOffset Due,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    int Attempt,
    int Failures,
    int Stalls,
    Guid? Host,
    bool IsCanceling,
    long? Progress,
    long? ProgressLimit,
    string? Tenant,
    Guid? Parent,
    int Children,
    Guid? Batch,
    string? Reason,
    JsonElement? Job,
    JsonElement? State,
    JsonElement? Exceptions)
{
    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Stage > JobStage.WaitingForChildren;

    internal static JobInfo Of(JobRow row, bool isWhole) => new(
        row.Id, row.Sequence, row.Type, row.Queue, row.Stage, row.Priority, row.Due, row.Created, row.Started, row.Ended, row.Attempt,
        row.Failures, row.Stalls, row.Host,
        row.Stage == JobStage.Running && row.Canceled is not null, row.ProgressValue, row.ProgressLimit, row.Tenant, row.Parent,
        row.ChildrenLeft, row.Batch, row.Reason,
        isWhole ? Element(row.Body) : null, isWhole ? Element(row.Saved) : null, isWhole ? Element(row.Exceptions) : null);

    static JsonElement? Element(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
}
