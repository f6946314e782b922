namespace Maestro.Bus.Admin.Api;

/// <summary>The schedules over HTTP: <c>/admin/schedules</c>.</summary>
sealed class ScheduleEndpoints : AdminEndpoints
{
    public override void AddServices(BusBuilder bus)
    {
        // Made when they are asked for: a host without the scheduler has nothing to make them of.
        bus.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ScheduleQueries>(services));
        bus.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ScheduleCommands>(services));
    }

    public override void Map(IEndpointRouteBuilder admin)
    {
        var schedules = admin.MapGroup("/schedules").WithTags("Schedules").AddEndpointFilter<ScheduleProblemFilter>();

        Read(schedules);
        Act(schedules);
    }

    static void Read(RouteGroupBuilder schedules)
    {
        schedules.MapGet("", (HttpContext http, string? page, int? limit, CancellationToken cancellationToken) =>
                Queries(http).List(page, limit, cancellationToken))
            .WithName("ListSchedules").WithSummary("Lists schedules, in the order of their names").Describes<SchedulePage>();

        schedules.MapGet(
            "/{name}", (HttpContext http, string name, CancellationToken cancellationToken) => Queries(http).Find(name, cancellationToken))
            .WithName("GetSchedule").WithSummary("One schedule").Describes<ScheduleView>();

        schedules.MapGet("/{name}/next", (HttpContext http, string name, CancellationToken cancellationToken, int count = 10) =>
            Queries(http).Next(name, count, cancellationToken))
            .WithName("GetNextTimes").WithSummary("A schedule's next times").Describes<IReadOnlyList<DateTimeOffset>>();

        schedules.MapGet("/{name}/history", (HttpContext http, string name, CancellationToken cancellationToken, int count = 20) =>
            Queries(http).History(name, count, cancellationToken))
            .WithName("GetScheduleHistory").WithSummary("A schedule's newest runs; also of one that is deleted")
            .Describes<IReadOnlyList<ScheduleRunView>>();
    }

    static void Act(RouteGroupBuilder schedules)
    {
        schedules.MapPost("/{name}/pause", Done((commands, name, cancellationToken) => commands.Pause(name, cancellationToken)))
            .WithName("PauseSchedule").WithSummary("Stops a schedule from running, until it is resumed").Acts();

        schedules.MapPost("/{name}/resume", Done((commands, name, cancellationToken) => commands.Resume(name, cancellationToken)))
            .WithName("ResumeSchedule").WithSummary("Lets a schedule run again, from now on").Acts();

        schedules.MapPost("/{name}/trigger",
            (HttpContext http, string name, CancellationToken cancellationToken) => Commands(http).Trigger(name, cancellationToken))
            .RequireRole(AccessRole.Operator).WithName("TriggerSchedule").WithSummary("Runs a schedule once, at once")
            .Describes<ScheduleRunView>();

        schedules.MapDelete("/{name}", Done((commands, name, cancellationToken) => commands.Delete(name, cancellationToken)))
            .WithName("DeleteSchedule").WithSummary("Deletes a schedule. One that is declared comes back with the next start")
            .Acts(AccessRole.Admin);
    }

    static Func<HttpContext, string, CancellationToken, Task<IResult>> Done(
        Func<ScheduleCommands, string, CancellationToken, Task> apply) =>
        async (http, name, cancellationToken) =>
        {
            await apply(Commands(http), name, cancellationToken);
            return TypedResults.NoContent();
        };

    static ScheduleQueries Queries(HttpContext http) => http.RequestServices.GetRequiredService<ScheduleQueries>();

    static ScheduleCommands Commands(HttpContext http) => http.RequestServices.GetRequiredService<ScheduleCommands>();
}
