using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Maestro.Bus.Admin.Api;

/// <summary>The jobs over HTTP.</summary>
sealed class JobEndpoints : AdminEndpoints
{
    public override void AddServices(BusBuilder bus)
    {
        // Made when they are asked for, as a host without jobs has nothing to make them of, and for each request, as the jobs are.
        bus.Services.AddScoped(services => ActivatorUtilities.CreateInstance<JobQueries>(services));
        bus.Services.AddScoped(services => ActivatorUtilities.CreateInstance<JobCommands>(services));
    }

    public override void Map(IEndpointRouteBuilder admin)
    {
        var jobs = admin.MapGroup("/jobs").WithTags("Jobs").AddEndpointFilter<JobProblemFilter>();

        Read(jobs);
        Act(jobs);
        JobBatchEndpoints.Map(jobs.MapGroup("/batches"));
    }

    static void Read(RouteGroupBuilder jobs)
    {
        jobs.MapGet("/", (
                HttpContext http, string? type, string? queue, string? tenant, string? state, Guid? batch, Guid? parent, long? page,
                int? limit, CancellationToken cancellationToken) =>
                Queries(http).List(new JobSelection(type, queue, tenant, state, batch, parent, page, limit), cancellationToken))
            .WithName("ListJobs").WithSummary("Lists jobs, the newest first").Describes<JobPage>();

        jobs.MapGet("/summary", (HttpContext http, CancellationToken cancellationToken) => Queries(http).Count(cancellationToken))
            .WithName("CountJobs").WithSummary("Counts the jobs of each kind and state").Describes<IReadOnlyList<JobCountView>>();

        jobs.MapGet("/kinds", (HttpContext http) => Queries(http).Kinds)
            .WithName("ListJobKinds").WithSummary("The kinds of jobs of this host, with their settings")
            .Describes<IReadOnlyList<JobKindView>>();

        jobs.MapGet(
            "/{id:guid}", (HttpContext http, Guid id, CancellationToken cancellationToken) => Queries(http).Find(id, cancellationToken))
            .WithName("GetJob").WithSummary("Shows a job with what it holds, its state and its exceptions").Describes<JobView>();

        jobs.MapGet("/{id:guid}/logs", (HttpContext http, Guid id, long? after, int? limit, CancellationToken cancellationToken) =>
                Queries(http).Logs(id, after, limit, cancellationToken))
            .WithName("GetJobLogs").WithSummary("What a job has logged, after a line where one is named")
            .Describes<IReadOnlyList<JobLogView>>();
    }

    static void Act(RouteGroupBuilder jobs)
    {
        jobs.MapPost("/", async (HttpContext http, JobRequest request, CancellationToken cancellationToken) =>
            {
                var submitted = await Commands(http).Submit(request, cancellationToken);
                return TypedResults.Accepted($"/admin/jobs/{submitted.Id}", submitted);
            })
            .WithName("SubmitJob").WithSummary("Submits a job").TakesOn<JobSubmitted>();

        jobs.MapPost("/{id:guid}/cancel", Done(async (commands, id, http, cancellationToken) =>
            await commands.Cancel(id, await Reason(http, cancellationToken), cancellationToken)))
            .WithName("CancelJob").WithSummary("Cancels a job and its children, running ones too")
            .Accepts<JobCancellation>(true, "application/json").Acts();

        jobs.MapPost("/{id:guid}/retry", Done((commands, id, _, cancellationToken) => commands.Retry(id, cancellationToken)))
            .WithName("RetryJob").WithSummary("Has a job that has failed or was cancelled begin anew").Acts();

        jobs.MapPost("/{id:guid}/run", Done((commands, id, _, cancellationToken) => commands.Run(id, cancellationToken)))
            .WithName("RunJob").WithSummary("Has a job that waits for its time begin now").Acts();

        jobs.MapDelete("/{id:guid}", Done((commands, id, _, cancellationToken) => commands.Delete(id, cancellationToken)))
            .WithName("DeleteJob").WithSummary("Deletes a job that has ended, with its log").Acts(AccessRole.Admin);

        jobs.MapPut("/kinds/{name}/concurrency",
            async (HttpContext http, string name, JobConcurrency request, CancellationToken cancellationToken) =>
            {
                await Commands(http).SetConcurrency(name, request, cancellationToken);
                return TypedResults.NoContent();
            })
            .WithName("SetJobConcurrency").WithSummary("Changes how many jobs of a kind run at a time, on all hosts")
            .Acts(AccessRole.Admin);
    }

    /// <summary>Why somebody cancels; nothing where there is no body.</summary>
    /// <exception cref="BadHttpRequestException">The body is not a cancellation.</exception>
    internal static async Task<string?> Reason(HttpContext http, CancellationToken cancellationToken)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return null;

        try
        {
            return (await http.Request.ReadFromJsonAsync<JobCancellation>(cancellationToken))?.Reason;
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body is not a cancellation.", StatusCodes.Status400BadRequest, exception);
        }
    }

    internal static JobQueries Queries(HttpContext http) => http.RequestServices.GetRequiredService<JobQueries>();

    internal static JobCommands Commands(HttpContext http) => http.RequestServices.GetRequiredService<JobCommands>();

    internal static Func<HttpContext, Guid, CancellationToken, Task<IResult>> Done(
        Func<JobCommands, Guid, HttpContext, CancellationToken, Task> apply) =>
        async (http, id, cancellationToken) =>
        {
            await apply(Commands(http), id, http, cancellationToken);
            return TypedResults.NoContent();
        };
}
