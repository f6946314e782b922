namespace Maestro.Bus.Admin.Api;

/// <summary>The batches of jobs over HTTP.</summary>
static class JobBatchEndpoints
{
    public static void Map(RouteGroupBuilder batches)
    {
        batches.MapGet("/", (HttpContext http, int? limit, CancellationToken cancellationToken) =>
            JobEndpoints.Queries(http).Batches(limit, cancellationToken))
            .WithName("ListJobBatches").WithSummary("Lists batches, the newest first").Describes<IReadOnlyList<JobBatchView>>();

        batches.MapGet("/{id:guid}",
            (HttpContext http, Guid id, CancellationToken cancellationToken) => JobEndpoints.Queries(http).Batch(id, cancellationToken))
            .WithName("GetJobBatch").WithSummary("Shows how many jobs of a batch have ended, and how").Describes<JobBatchView>();

        batches.MapPost("/", async (HttpContext http, JobBatchRequest request, CancellationToken cancellationToken) =>
            {
                var submitted = await JobEndpoints.Commands(http).SubmitBatch(request, cancellationToken);
                return TypedResults.Accepted($"/admin/jobs/batches/{submitted.Id}", submitted);
            })
            .WithName("SubmitJobBatch").WithSummary("Submits jobs of one kind; JobBatchCompleted is published once, when all have ended")
            .TakesOn<JobSubmitted>();

        batches.MapPost("/{id:guid}/cancel", JobEndpoints.Done(async (commands, id, http, cancellationToken) =>
                await commands.CancelBatch(id, await JobEndpoints.Reason(http, cancellationToken), cancellationToken)))
            .WithName("CancelJobBatch").WithSummary("Cancels the jobs of a batch that have not ended")
            .Accepts<JobCancellation>(true, "application/json").Acts();
    }
}
