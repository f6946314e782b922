using Microsoft.AspNetCore.Http.HttpResults;

namespace Maestro.Bus.Admin.Api;

/// <summary>The dead letters over HTTP.</summary>
sealed class DeadLetterEndpoints : AdminEndpoints
{
    const string JsonLines = "application/jsonl";

    public override void AddServices(BusBuilder bus)
    {
        // Made when they are asked for: a host without a database has nothing to make them of.
        bus.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<DeadLetterSelections>(services));
        bus.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<DeadLetterQueries>(services));
        bus.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<DeadLetterCommands>(services));
    }

    public override void Map(IEndpointRouteBuilder admin)
    {
        var letters = admin.MapGroup("/dead-letters").WithTags("Dead letters").AddEndpointFilter<DeadLetterProblemFilter>();

        Read(letters);
        Act(letters);
        Operate(letters.MapGroup("/operations"));
    }

    static void Read(RouteGroupBuilder letters)
    {
        letters.MapGet(
            "/", (HttpContext http, [AsParameters] SelectionQuery query, long? page, int? limit, CancellationToken cancellationToken) =>
                    Queries(http).List(query.Selection, query.State, page, limit, cancellationToken))
            .WithName("ListDeadLetters").WithSummary("Lists dead letters, the newest first").Describes<DeadLetterPage>();

        letters.MapGet("/groups", (HttpContext http, [AsParameters] SelectionQuery query, CancellationToken cancellationToken) =>
                Queries(http).Groups(query.Selection, query.State, cancellationToken))
            .WithName("ListDeadLetterGroups").WithSummary("Groups those that failed alike").Describes<IReadOnlyList<DeadLetterGroupView>>();

        letters.MapGet(
            "/report", (HttpContext http, [AsParameters] SelectionQuery query, string? by, CancellationToken cancellationToken) =>
                    Queries(http).Report(query.Selection, query.State, by, cancellationToken))
            .WithName("ReportDeadLetters").WithSummary("Counts by group, queue and tenant over time; by minute, hour or day")
            .Describes<IReadOnlyList<DeadLetterCountView>>();

        letters.MapGet("/export", async (
                HttpContext http, [AsParameters] SelectionQuery query, long? after, HttpSettings settings,
                CancellationToken cancellationToken) =>
            {
                var queries = Queries(http);
                var filter = await queries.Checked(query.Selection, query.State, cancellationToken);
                http.Response.ContentType = JsonLines;
                await queries.Export(filter, after ?? 0, settings.MaxExportSize, http.Response.Body, cancellationToken);
            })
            .HasAnswerTime(false).WithName("ExportDeadLetters")
            .WithSummary(
                "Writes dead letters with everything, one JSON object a line; a last line with 'next' says that there are more after "
                    + "that number")
            .Produces(StatusCodes.Status200OK, contentType: JsonLines).WithProblems();

        letters.MapGet(
            "/{id:long}", (HttpContext http, long id, CancellationToken cancellationToken) => Queries(http).Show(id, cancellationToken))
            .WithName("GetDeadLetter").WithSummary("Shows one with its headers, its body and the whole exception")
            .Describes<DeadLetterDetails>();

        letters.MapGet("/{id:long}/body", async (HttpContext http, long id, CancellationToken cancellationToken) =>
                TypedResults.Bytes(await Queries(http).Body(id, cancellationToken), "application/octet-stream"))
            .WithName("GetDeadLetterBody").WithSummary("The body, byte for byte")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").WithProblems();
    }

    static void Act(RouteGroupBuilder letters)
    {
        letters.MapPost("/{id:long}/retry", async (HttpContext http, long id, CancellationToken cancellationToken) =>
                Sent(await Commands(http).Retry(id, Caller(http), cancellationToken)))
            .WithName("RetryDeadLetter")
            .WithSummary("Sends one to its queue again, with the same id; 202 with the reason while it has not reached it").Acts()
            .Produces<PendingView>(StatusCodes.Status202Accepted);

        letters.MapPost("/{id:long}/discard", Done((commands, id, by, cancellationToken) => commands.Discard(id, by, cancellationToken)))
            .WithName("DiscardDeadLetter").WithSummary("Says that one is not wanted any more").Acts();

        letters.MapPost("/{id:long}/restore", Done((commands, id, by, cancellationToken) => commands.Restore(id, by, cancellationToken)))
            .WithName("RestoreDeadLetter").WithSummary("Has a discarded one wait again").Acts();

        letters.MapPost(
            "/{id:long}/redirect", async (HttpContext http, long id, RedirectRequest request, CancellationToken cancellationToken) =>
                    Sent(await Commands(http).Redirect(id, request, Caller(http), cancellationToken)))
            .WithName("RedirectDeadLetter")
            .WithSummary("Sends one to another queue; 202 with the reason while it has not reached it").Acts()
            .Produces<PendingView>(StatusCodes.Status202Accepted);

        letters.MapPost("/{id:long}/edit", (HttpContext http, long id, EditRequest request, CancellationToken cancellationToken) =>
                Commands(http).Edit(id, request, Caller(http), cancellationToken))
            .WithName("EditDeadLetter").WithSummary("Sends an edited copy with an id of its own; the original stays")
            .RequireRole(AccessRole.Operator).Describes<EditedView>();
    }

    static void Operate(RouteGroupBuilder operations)
    {
        operations.MapGet("/", (HttpContext http, CancellationToken cancellationToken) => Commands(http).Operations(cancellationToken))
            .WithName("ListDeadLetterOperations").WithSummary("The newest operations on many dead letters")
            .Describes<IReadOnlyList<OperationView>>();

        operations.MapGet("/{id:long}",
            (HttpContext http, long id, CancellationToken cancellationToken) => Commands(http).Operation(id, cancellationToken))
            .WithName("GetDeadLetterOperation").WithSummary("How far an operation has come").Describes<OperationView>();

        operations.MapPost(
            "/",
            async Task<Results<Accepted<OperationView>, ProblemHttpResult>> (
                HttpContext http, OperationRequest request, CancellationToken cancellationToken) =>
                {
                    if (http.Caller().Role < AccessRole.Admin
                        && string.Equals(request.Kind, nameof(DeadLetterActionKind.Purge), StringComparison.OrdinalIgnoreCase))
                        return TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "The key does not allow this.",
                            detail: "To delete dead letters for good needs the role admin.");

                    var operation = await Commands(http).Begin(request, Caller(http), cancellationToken);
                    return TypedResults.Accepted($"/admin/dead-letters/operations/{operation.Id}", operation);
                })
            .WithName("BeginDeadLetterOperation")
            .WithSummary("Begins to retry, redirect, discard, restore or purge all that a selection means; purge needs the role admin")
            .TakesOn<OperationView>();

        operations.MapPost("/{id:long}/stop",
            (HttpContext http, long id, CancellationToken cancellationToken) => Commands(http).Stop(id, cancellationToken))
            .WithName("StopDeadLetterOperation").WithSummary("Stops an operation after the batch at hand").RequireRole(AccessRole.Operator)
            .Describes<OperationView>();

        operations.MapPost("/{id:long}/resume",
            (HttpContext http, long id, CancellationToken cancellationToken) => Commands(http).Resume(id, cancellationToken))
            .WithName("ResumeDeadLetterOperation").WithSummary("Has a stopped operation go on").RequireRole(AccessRole.Operator)
            .Describes<OperationView>();
    }

    static Func<HttpContext, long, CancellationToken, Task<NoContent>> Done(
        Func<DeadLetterCommands, long, string, CancellationToken, Task> apply) =>
        async (http, id, cancellationToken) =>
        {
            await apply(Commands(http), id, Caller(http), cancellationToken);
            return TypedResults.NoContent();
        };

    static Results<NoContent, Accepted<PendingView>> Sent(PendingView? pending) =>
        pending is null ? TypedResults.NoContent() : TypedResults.Accepted((string?)null, pending);

    static string Caller(HttpContext http) => http.User.Identity?.Name ?? "";

    static DeadLetterQueries Queries(HttpContext http) => http.RequestServices.GetRequiredService<DeadLetterQueries>();

    static DeadLetterCommands Commands(HttpContext http) => http.RequestServices.GetRequiredService<DeadLetterCommands>();
}
