using Microsoft.AspNetCore.Http;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>
/// Messages that are scheduled and cancelled within a transaction: if it is committed, they are; if it is not, nothing has happened.
/// </summary>
public sealed class OutboxTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1s")]
    [InlineData("1d")]
    public async Task What_a_consumer_schedules_is_scheduled_with_its_commit_or_not_at_all(string transportDelay)
    {
        await using var host = await Start(transportDelay);
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(3);

        await host.Publish(new Plan("rolled back", due, Fails: true));
        await host.Publish(new Plan("committed", due, Fails: false));
        await host.Publish(new Plan("marker", due.AddSeconds(1), Fails: false));

        await host.Ticks.AtLeast(4);
        Assert.Equal(["committed by context", "committed by service", "marker by context", "marker by service"], host.Ticks.Names.Order());
        Assert.Equal(2, await host.Count("\"Plans\""));
    }

    [Theory]
    [InlineData("1s")]
    [InlineData("1d")]
    public async Task What_a_consumer_cancels_is_cancelled_with_its_commit_or_not_at_all(string transportDelay)
    {
        await using var host = await Start(transportDelay);
        // Time enough for the consumers on a busy machine.
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(15);
        var kept = await host.Schedule(due, new Tick("kept"));
        var cancelled = await host.Schedule(due, new Tick("cancelled"));
        await host.Schedule(due.AddSeconds(1), new Tick("marker"));

        await host.Publish(new CancelPlan(kept.TokenId, Fails: true));
        await host.Publish(new CancelPlan(cancelled.TokenId, Fails: false));

        await Eventually.True(
            () => Task.FromResult(host.Ticks.Names.Contains("marker")), TimeSpan.FromSeconds(60), "the marker", Cancellation);
        Assert.Equal(["kept", "marker"], host.Ticks.Names.Order());
    }

    [Theory]
    [InlineData("1s")]
    [InlineData("1d")]
    public async Task What_a_request_schedules_and_cancels_is_done_with_its_commit_or_not_at_all(string transportDelay)
    {
        await using var host = await Start(transportDelay);
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(15);
        var kept = await host.Schedule(due, new Tick("kept"));
        var cancelled = await host.Schedule(due, new Tick("cancelled"));
        await host.Schedule(due.AddSeconds(1), new Tick("marker"));

        await Request(kept.TokenId, "rolled back", commits: false);
        await Request(cancelled.TokenId, "committed", commits: true);

        await Eventually.True(
            () => Task.FromResult(host.Ticks.Names.Contains("marker")), TimeSpan.FromSeconds(60), "the marker", Cancellation);
        Assert.Equal(["committed", "kept", "marker"], host.Ticks.Names.Order());

        Task Request(Guid token, string name, bool commits) => host.InScope(async scope =>
        {
            var request = new DefaultHttpContext { RequestServices = scope };
            request.SetEndpoint(new Endpoint(
                null, new EndpointMetadataCollection(scope.GetRequiredService<DomainCatalog>().Domains.Single()), "the domain's"));
            scope.GetRequiredService<IHttpContextAccessor>().HttpContext = request;
            var database = scope.GetRequiredService<PlanContext>();
            var scheduler = scope.GetRequiredService<IMessageScheduler>();
            database.Add(new Planned { Name = name });
            await scheduler.SchedulePublish(due, new Tick(name), Cancellation);
            await scheduler.CancelScheduledPublish<Tick>(token, Cancellation);
            return commits ? await database.SaveChangesAsync(Cancellation) : 0;
        });
    }

    static Task<TestHost> Start(string transportDelay)
    {
        var settings = Databases.Sqlite();
        settings["Bus:Transport"] = "sqlite";
        settings["Bus:Sqlite:Path"] = Path.ChangeExtension(settings["Bus:Database:Path"], ".bus");
        settings["Bus:Scheduling:TransportDelay"] = transportDelay;
        return TestHost.Start(settings, bus => bus.AddDatabase<PlanContext>());
    }
}

public sealed record Plan(string Name, DateTime Due, bool Fails);

public sealed record CancelPlan(Guid Token, bool Fails);

/// <summary>Schedules in both ways that a consumer has.</summary>
public sealed class PlanConsumer(IServiceProvider services) : IConsumer<Plan>, IConsumer<CancelPlan>
{
    // Only hosts with the database handle these.
    PlanContext Database => services.GetRequiredService<PlanContext>();

    public async Task Consume(ConsumeContext<Plan> context)
    {
        var plan = context.Message;
        Database.Add(new Planned { Name = plan.Name });
        await context.SchedulePublish(plan.Due, new Tick($"{plan.Name} by context"), context.CancellationToken);
        await services.GetRequiredService<IMessageScheduler>()
            .SchedulePublish(plan.Due, new Tick($"{plan.Name} by service"), context.CancellationToken);
        await End(plan.Fails, context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<CancelPlan> context)
    {
        await services.GetRequiredService<IMessageScheduler>()
            .CancelScheduledPublish<Tick>(context.Message.Token, context.CancellationToken);
        await End(context.Message.Fails, context.CancellationToken);
    }

    async Task End(bool fails, CancellationToken cancellationToken)
    {
        await Database.SaveChangesAsync(cancellationToken);
        if (fails)
            throw new InvalidMessageException("It is told to fail.");
    }
}

/// <summary>What the consumer writes.</summary>
public sealed class PlanContext(DbContextOptions<PlanContext> options) : DbContext(options)
{
    public DbSet<Planned> Plans => Set<Planned>();
}

public sealed class Planned
{
    public long Id { get; init; }

    public required string Name { get; init; }
}
