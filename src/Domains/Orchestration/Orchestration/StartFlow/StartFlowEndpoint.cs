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

        body.ToUtf8(http.Request.ContentType);
        var problems = new FlowProblems();
        var caller = http.Caller();
        var request = new StartFlowRequest(specifications, settings, bus.DefaultTenant, caller, problems);
        var start = request.Read(body.Bytes);

        if (request.HasOwnSpecification && caller.RefuseOwnSpecification() is { } refusal)
            return refusal;

        if (start is null)
            return TypedResults.ValidationProblem(
                problems.ToDictionary(), title: "The flow cannot be started.", detail: "Correct what is listed under errors.");

        if (http.RefuseTenant(start.TenantId) is { } foreign)
            return foreign;

        using var timeout = new CancellationTokenSource(settings.PublishTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, timeout.Token);

        try
        {
            // The publish waits in the outbox for this commit. Once it is there the flow runs, even if the broker is away.
            await publishEndpoint.Publish(start, publish => FlowId.Address(publish, start), either.Token);
            // To its end also when the caller has gone: the context returns to its pool with this request, and must not be in use then.
            await database.SaveChangesAsync(either.Token);
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
        catch (Exception exception) when (exception is DbException or DbUpdateException
            || (exception is OperationCanceledException && timeout.IsCancellationRequested))
        {
            http.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "The database does not answer.",
                detail: "The flow may not have been accepted. Send it again: with a flowId of your own, a UUID, it starts once.");
        }
    }
}

/// <summary>The answer to an accepted flow.</summary>
sealed record FlowAccepted(Guid FlowId);
