using System.Data.Common;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Orchestration;

static class StartFlowEndpoint
{
    public static async Task<Results<Accepted<FlowAccepted>, ValidationProblem, ProblemHttpResult>> Handle(
        HttpContext http,
        FlowSpecifications specifications,
        OrchestrationSettings settings,
        BusSettings bus,
        IPublishEndpoint publishEndpoint,
        OrchestrationDbContext database,
        TimeProvider time)
    {
        using var body = await RequestBody.Read(http.Request, settings.MaxBodySize, http.RequestAborted);
        if (body is null)
            return TypedResults.Problem(
                statusCode: StatusCodes.Status413PayloadTooLarge,
                title: "The flow is too large.",
                detail: $"The body may have {settings.MaxBodySize} bytes. Send less, or raise Bus:Orchestration:MaxBodySize.");

        var problems = new FlowProblems();
        if (new StartFlowRequest(specifications, bus.DefaultTenant, problems).Read(body.Open()) is not { } start)
            return TypedResults.ValidationProblem(problems.ToDictionary(), title: "The flow cannot be started.", detail: "Correct what is listed under errors.");

        using var timeout = new CancellationTokenSource(settings.PublishTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, timeout.Token);

        try
        {
            // The publish waits in the outbox for this commit. Once it is there the flow runs, even if the broker is away.
            await publishEndpoint.Publish(start, publish => publish.SetTenantId(start.TenantId), either.Token);
            await database.SaveChangesAsync(either.Token).WaitAsync(either.Token);
            return TypedResults.Accepted($"/flows/{start.FlowId}", new FlowAccepted(start.FlowId));
        }
        catch (PublishLimitException limit)
        {
            http.Response.Headers.RetryAfter = limit.RetryAfterSeconds;
            return TypedResults.Problem(
                statusCode: StatusCodes.Status429TooManyRequests,
                title: "Too many flows are started.",
                detail: "The flow was not accepted. Send it again after the time that Retry-After says.");
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException || (exception is OperationCanceledException && timeout.IsCancellationRequested))
        {
            http.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "The database does not answer.",
                detail: $"The flow may not have been accepted. Send it again with the flowId {start.FlowId}: it starts once.");
        }
    }
}

/// <summary>The answer to an accepted flow.</summary>
sealed record FlowAccepted(Guid FlowId);
