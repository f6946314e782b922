using System.Text.Json;

namespace Maestro.Bus.Admin.Contracts;

/// <summary>Submits a job.</summary>
/// <param name="Type">The name of the kind of job.</param>
/// <param name="Job">The job itself.</param>
/// <param name="Id">Its id: submitting it again with the same one changes nothing.</param>
/// <param name="Priority">From 0 (last) to 9 (first).</param>
/// <param name="Delay">How long it waits, such as <c>30s</c>.</param>
/// <param name="Parent">The job that is not completed before this one has ended.</param>
/// <param name="Tenant">The tenant that it is run for; without it the one that the job's own <c>tenantId</c> names, or the bus's
/// default.</param>
public sealed record JobRequest(
    string Type, JsonElement Job, Guid? Id = null, int? Priority = null, string? Delay = null, Guid? Parent = null, string? Tenant = null);

/// <summary>Submits a batch of jobs of one kind.</summary>
/// <param name="Type">The name of the kind of job.</param>
/// <param name="Jobs">The jobs themselves.</param>
/// <param name="Name">What people call the batch.</param>
/// <param name="Id">Its id: submitting it again with the same one and the same jobs changes nothing.</param>
/// <param name="Priority">From 0 (last) to 9 (first).</param>
/// <param name="Delay">How long its jobs wait, such as <c>30s</c>.</param>
/// <param name="Tenant">The tenant that it is run for; without it the one that the job's own <c>tenantId</c> names, or the bus's
/// default.</param>
public sealed record JobBatchRequest(
    string Type, IReadOnlyList<JsonElement> Jobs, string? Name = null, Guid? Id = null, int? Priority = null, string? Delay = null,
    string? Tenant = null);

/// <summary>What was submitted.</summary>
public sealed record JobSubmitted(Guid Id);

/// <summary>Cancels a job, or the jobs of a batch.</summary>
/// <param name="Reason">Why, for whoever looks at it later.</param>
public sealed record JobCancellation(string? Reason = null);

/// <summary>Changes how many jobs of a kind run at a time.</summary>
/// <param name="Concurrency">How many in one process; nothing for what the settings say.</param>
/// <param name="GlobalConcurrency">How many in all processes together; nothing for what the settings say.</param>
public sealed record JobConcurrency(int? Concurrency = null, int? GlobalConcurrency = null);
