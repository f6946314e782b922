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
        using var body = new MemoryStream();
        if (!await TryRead(http, settings.MaxBodySize, body))
            return TypedResults.Problem(
                statusCode: StatusCodes.Status413PayloadTooLarge,
                title: "The flow is too large.",
                detail: $"The body may have {settings.MaxBodySize} bytes. Send less, or raise Bus:Orchestration:MaxBodySize.");

        body.Position = 0;

        var problems = new FlowProblems();
        if (new StartFlowRequest(specifications, bus.DefaultTenant, problems).Read(body) is not { } start)
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
        catch (Exception exception) when (exception is DbException or DbUpdateException || (exception is OperationCanceledException && timeout.IsCancellationRequested))
        {
            http.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "The database does not answer.",
                detail: $"The flow may not have been accepted. Send it again with the flowId {start.FlowId}: it starts once.");
        }
    }

    static async Task<bool> TryRead(HttpContext http, int limit, MemoryStream body)
    {
        if (http.Request.ContentLength > limit)
            return false;

        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            if (body.Length + read > limit)
                return false;

            body.Write(buffer, 0, read);
        }

        return true;
    }
}

/// <summary>The answer to an accepted flow.</summary>
sealed record FlowAccepted(Guid FlowId);
