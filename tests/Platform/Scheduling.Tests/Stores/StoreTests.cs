namespace Maestro.Bus.Scheduling.Tests;

public sealed class MemoryStoreTests : StoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Bus:Scheduling:Store"] = "Memory" });

    [Fact]
    public async Task What_cannot_be_sent_when_it_is_due_is_sent_when_it_can_be_and_none_is_left_out()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        await using var host = await TestHost.Start(settings, builder => builder.AddSchedule<Tick>(
            "second", schedule => schedule.Cron("* * * * * ?").OnMisfire(MisfirePolicy.FireAll).Message(new Tick("second"))));
        var refusal = new Refusal();
        var bus = host.Services.GetRequiredService<IBus>();

        using (bus.ConnectSendObserver(refusal))
        using (bus.ConnectPublishObserver(refusal))
        {
            await host.Store.Keep(NewId.NextGuid(), DateTimeOffset.UnixEpoch, Message("far", TickAddress(host)), Cancellation);
            await Eventually.True(
                () => Task.FromResult(refusal.Names.Contains("far") && refusal.Names.Count(name => name == "second") > 2),
                TimeSpan.FromSeconds(60), "refused sends", Cancellation);
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Schedules.Trigger("second", Cancellation));
        }

        await Eventually.True(
            () => Task.FromResult(host.Ticks.Names.Contains("far") && host.Ticks.Names.Count(name => name == "second") > 5),
            TimeSpan.FromSeconds(60), "what was refused", Cancellation);
        await host.Schedules.Pause("second", Cancellation);
        var runs = await Eventually.Some(
            async () =>
                await host.Schedules.History("second", 1_000, Cancellation) is { } found
                    && found.All(run => run.State == RunState.Succeeded) ? found : null,
            TimeSpan.FromSeconds(60), "the runs to be handled", Cancellation);
        var times = runs.Select(run => run.ScheduledAt).Order().ToList();
        Assert.Equal(Enumerable.Range(0, times.Count).Select(second => times[0].AddSeconds(second)), times);
        Assert.Equal(times, host.Ticks.All.Where(tick => tick.Message.Name == "second")
            .Select(tick => ScheduleHeaders.ScheduledAtOf(tick)!.Value).Order());
        Assert.Single(host.Ticks.Names, "far");
    }

    [Fact]
    public async Task A_schedule_whose_times_cannot_be_worked_out_says_so_and_holds_no_other_up()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        await using var host = await TestHost.Start(
            settings, bus => bus.AddSchedule<Tick>("known", schedule => schedule.Cron("0 0 1 1 *").Message(new Tick("known"))));
        var known = (await host.Store.Find("known", Cancellation))!.Definition;

        await host.Store.Put(known with { Name = "lost", TimeZone = "Mars/Olympus" }, Cancellation);
        await host.Store.Keep(NewId.NextGuid(), DateTimeOffset.UnixEpoch, Message("far", TickAddress(host)), Cancellation);

        await host.Ticks.AtLeast(1);
        Assert.Contains(
            "'Mars/Olympus'",
            (await Assert.ThrowsAsync<ScheduleTimesException>(() => host.Schedules.Next("lost", 3, Cancellation))).Message);
        Assert.Contains("'Mars/Olympus'", (await host.Schedules.Find("lost", Cancellation))!.Problem);
        Assert.NotEmpty((await host.Schedules.Next("known", 3, Cancellation))!);
    }

    /// <summary>Has ticks fail to be sent.</summary>
    sealed class Refusal : SendingObserver
    {
        readonly System.Collections.Concurrent.ConcurrentQueue<string> _names = [];

        public IReadOnlyCollection<string> Names => [.. _names];

        public override Task PreSend<T>(SendContext<T> context) => Refuse(context);

        public override Task PrePublish<T>(PublishContext<T> context) => Refuse(context);

        Task Refuse(SendContext context)
        {
            if (!context.SupportedMessageTypes.Contains(MessageUrn.ForTypeString<Tick>()))
                return Task.CompletedTask;

            _names.Enqueue(context.Headers.Get<string>(ScheduleHeaders.Schedule) ?? "far");
            throw new InvalidOperationException("It cannot be sent now.");
        }
    }
}

public sealed class SqliteStoreTests : DatabaseStoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresStoreTests(PostgresFixture postgres) : DatabaseStoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() => Databases.Postgres(postgres, Cancellation);
}

/// <summary>Settings of databases that nobody else uses.</summary>
static class Databases
{
    public static Dictionary<string, string?> Sqlite() =>
        new() { ["Bus:Database:Path"] = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db") };

    public static async Task<Dictionary<string, string?>> Postgres(PostgresFixture postgres, CancellationToken cancellationToken) => new()
    {
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = await postgres.Server.CreateDatabase(cancellationToken),
    };
}
