using System.Text.Json;

namespace Maestro.Bus.Admin.Contracts;

/// <summary>A job.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Number">Its place among all jobs; the next page begins below the smallest one.</param>
/// <param name="Type">The name of the kind of job.</param>
/// <param name="Queue">The queue of its domain.</param>
/// <param name="State"><c>scheduled</c>, <c>ready</c>, <c>running</c>, <c>canceling</c>, <c>waitingForChildren</c>, <c>completed</c>,
/// <c>faulted</c> or <c>canceled</c>.</param>
/// <param name="HasEnded">Whether it is one of the last three.</param>
/// <param name="Priority">From 0 (last) to 9 (first).</param>
/// <param name="Due">When it may begin.</param>
/// <param name="Created">When it was submitted.</param>
/// <param name="Started">When its last attempt began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Attempts">How many attempts have begun.</param>
/// <param name="Failures">How many attempts have failed.</param>
/// <param name="Stalls">How often its host showed no life.</param>
/// <param name="Progress">How far it is, in a measure of its own.</param>
/// <param name="ProgressLimit">How far there is to go.</param>
/// <param name="Tenant">The tenant that it is run for.</param>
/// <param name="Parent">The job that waits for it.</param>
/// <param name="Children">How many children it waits for.</param>
/// <param name="Batch">The batch that it belongs to.</param>
/// <param name="Reason">Why it ended, or why its last attempt did; of one that has completed, what it says of its result.</param>
/// <param name="Job">The job itself; not in lists.</param>
/// <param name="Saved">The state that it has saved; not in lists.</param>
/// <param name="Exceptions">What its last failed attempt threw; not in lists.</param>
public sealed record JobView(
    Guid Id,
    long Number,
    string Type,
    string Queue,
    string State,
    bool HasEnded,
    int Priority,
    DateTimeOffset Due,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    int Attempts,
    int Failures,
    int Stalls,
    long? Progress,
    long? ProgressLimit,
    string? Tenant,
    Guid? Parent,
    int Children,
    Guid? Batch,
    string? Reason,
    JsonElement? Job,
    JsonElement? Saved,
    JsonElement? Exceptions);

/// <summary>Some jobs, the newest first.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">What to give as <c>page</c> for the next page; none where this is the last.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, long? Next);

/// <summary>How many jobs there are of a kind and state.</summary>
public sealed record JobCountView(string Type, string Queue, string State, long Count);

/// <summary>A line that a job has logged.</summary>
/// <param name="Number">Its place among all lines; ask for those after the last one to follow a job.</param>
/// <param name="Attempt">The attempt that logged it, from 1.</param>
/// <param name="Time">When it was logged.</param>
/// <param name="Level">How important it is.</param>
/// <param name="Category">Who logged it.</param>
/// <param name="Text">The message, and the exception where there is one.</param>
public sealed record JobLogView(long Number, int Attempt, DateTimeOffset Time, string Level, string Category, string Text);

/// <summary>A kind of job, with the settings in force.</summary>
public sealed record JobKindView(
    string Name, string Queue, TimeSpan Timeout, int Concurrency, int? GlobalConcurrency, int Priority, int Attempts,
    TimeSpan FirstRetryDelay, TimeSpan MaxRetryDelay);

/// <summary>A batch of jobs.</summary>
public sealed record JobBatchView(
    Guid Id, string? Name, int Total, int Remaining, int Completed, int Failed, int Canceled, DateTimeOffset Created, DateTimeOffset? Ended,
    string? Tenant);
