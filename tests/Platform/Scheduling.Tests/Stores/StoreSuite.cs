namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What holds wherever schedules are kept.</summary>
public abstract class StoreSuite
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The settings of a store that nobody else uses.</summary>
    protected abstract Task<Dictionary<string, string?>> Settings();

    [Fact]
    public async Task A_schedule_sends_its_message_at_its_times_and_the_history_knows_how_it_went()
    {
        await using var host = await TestHost.Start(await Settings(), bus => bus.AddSchedule<Tick>(
            "every-second", schedule => schedule.Cron("* * * * * ?").ForTenant("acme").Message(new Tick("a", 7))));

        await host.Ticks.AtLeast(3);
        await host.Schedules.Pause("every-second", Cancellation);
        var history = await Eventually.Some(
            async () =>
                await host.Schedules.History("every-second", 1_000, Cancellation) is { } runs
                    && runs.All(run => run.State == RunState.Succeeded) ? runs : null,
            TimeSpan.FromSeconds(60), "the runs to be handled", Cancellation);
        var ticks = host.Ticks.All;

        Assert.All(
            ticks,
            tick => Assert.Equal((new Tick("a", 7), "acme", "every-second"),
                (tick.Message, tick.TenantId(), tick.Headers.Get<string>(ScheduleHeaders.Schedule))));
        var times = ticks.Select(tick => ScheduleHeaders.ScheduledAtOf(tick)!.Value).Order().ToList();
        Assert.Equal(Enumerable.Range(0, times.Count).Select(second => times[0].AddSeconds(second)), times);
        Assert.Equal(Enumerable.Reverse(times), history.Select(run => run.ScheduledAt));
        Assert.All(history, run =>
        {
            Assert.Equal((1, false, Instance.Name, Instance.Name), (run.Attempts, run.IsManual, run.FiredBy, run.HandledBy));
            Assert.True(run.FiredAt > run.ScheduledAt.AddSeconds(-1) && run.Duration >= TimeSpan.Zero
                && run.FinishedAt >= run.FiredAt.AddMilliseconds(-1));
        });
    }

    [Fact]
    public async Task A_run_whose_message_fails_says_why()
    {
        await using var host = await TestHost.Start(
            await Settings(), bus => bus.AddSchedule<Refused>("refused", schedule => schedule.Cron("0 0 1 1 *").Message(new Refused("a"))));

        var run = await host.Schedules.Trigger("refused", Cancellation);
        var failed = await Eventually.Some(
            async () => (await host.Schedules.History("refused", 1, Cancellation)) is [{ State: RunState.Failed } found] ? found : null,
            TimeSpan.FromSeconds(60), "a failed run", Cancellation);

        Assert.Equal((run!.Id, true, "It is refused."), (failed.Id, failed.IsManual, failed.Error));
    }

    [Fact]
    public async Task A_paused_schedule_runs_only_when_it_is_triggered_and_goes_on_from_when_it_is_resumed()
    {
        await using var host = await TestHost.Start(await Settings(),
            bus => bus.AddSchedule<Tick>(
                "second", schedule => schedule.Cron("* * * * * ?").OnMisfire(MisfirePolicy.FireAll).Message(new Tick("a"))));
        await host.Ticks.AtLeast(1);

        Assert.True(await host.Schedules.Pause("second", Cancellation));
        await Eventually.True(
            async () => (await host.Schedules.History("second", 100, Cancellation)).All(run => run.State != RunState.Sent),
            TimeSpan.FromSeconds(60), "quiet", Cancellation);
        var before = host.Ticks.All.Count;
        Assert.Null((await host.Schedules.Find("second", Cancellation))!.NextAt);
        await host.Schedules.Trigger("second", Cancellation);
        await host.Ticks.AtLeast(before + 1);
        await host.Store.Fire("second", TimeProvider.System.GetUtcNow().AddSeconds(1), Cancellation);
        Assert.Equal(before + 1, host.Ticks.All.Count);

        var resumed = TimeProvider.System.GetUtcNow();
        Assert.True(await host.Schedules.Resume("second", Cancellation));
        await host.Ticks.AtLeast(before + 3);
        Assert.All(host.Ticks.All.Skip(before + 1), tick => Assert.True(ScheduleHeaders.ScheduledAtOf(tick) > resumed.AddMilliseconds(-1)));
    }

    [Fact]
    public async Task The_next_times_are_told_by_the_schedule_s_clocks()
    {
        var clock = new MovableClock(new DateTimeOffset(2026, 3, 27, 12, 0, 0, TimeSpan.Zero));
        await using var host = await TestHost.Start(
            await Settings(),
            bus => bus.AddSchedule<Tick>(
                "nightly", schedule => schedule.Cron("0 2 * * *").InTimeZone("Europe/Berlin").Message(new Tick("a"))), clock);

        var next = (await host.Schedules.Next("nightly", 3, Cancellation))!;

        // On the 29th there is no 02:00.
        Assert.Equal(["2026-03-28T02:00+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"],
            next.Select(time => $"{time:yyyy-MM-ddTHH:mmzzz}"));
        Assert.Equal(next[0], (await host.Schedules.Find("nightly", Cancellation))!.NextAt);
    }

    [Fact]
    public async Task What_is_not_there_is_said_not_to_be()
    {
        await using var host = await TestHost.Start(await Settings());

        Assert.Null(await host.Schedules.Find("none", Cancellation));
        Assert.Null(await host.Schedules.Next("none", 1, Cancellation));
        Assert.Null(await host.Schedules.Trigger("none", Cancellation));
        Assert.False(await host.Schedules.Pause("none", Cancellation));
        Assert.False(await host.Schedules.Resume("none", Cancellation));
        Assert.False(await host.Schedules.Delete("none", Cancellation));
        Assert.Empty(await host.Schedules.History("none", 1, Cancellation));
        Assert.Empty(await host.Schedules.List(Cancellation));
    }

    [Fact]
    public async Task A_recurring_message_is_scheduled_paused_resumed_and_cancelled_at_run_time()
    {
        await using var host = await TestHost.Start(await Settings());
        await host.InScope(scope =>
            scope.GetRequiredService<IRecurringMessageScheduler>()
                .ScheduleRecurringPublish(new EverySecond(), new Tick("recurring"), Cancellation));
        await host.Ticks.AtLeast(2);

        var schedule = Assert.Single(await host.Schedules.List(Cancellation));
        Assert.Equal(("group:every", false, "Tick"), (schedule.Name, schedule.IsDeclared, schedule.MessageType));

        await host.InScope(async scope =>
        {
            await scope.GetRequiredService<IRecurringMessageScheduler>().PauseScheduledRecurringSend("every", "group");
            return 0;
        });
        await Eventually.True(async () => (await host.Schedules.Find("group:every", Cancellation))!.IsPaused, TimeSpan.FromSeconds(60),
            "the pause", Cancellation);
        await host.InScope(async scope =>
        {
            await scope.GetRequiredService<IRecurringMessageScheduler>().ResumeScheduledRecurringSend("every", "group");
            await scope.GetRequiredService<IRecurringMessageScheduler>().CancelScheduledRecurringSend("every", "group");
            return 0;
        });
        await Eventually.True(
            async () => (await host.Schedules.List(Cancellation)).Count == 0, TimeSpan.FromSeconds(60), "the cancellation", Cancellation);
    }

    [Fact]
    public async Task A_message_that_is_due_later_than_the_transport_keeps_one_comes_at_its_time()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:TransportDelay"] = "1s";
        await using var host = await TestHost.Start(settings);
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(3);

        var scheduled = await host.Schedule(due, new Tick("far", 1));
        var tick = (await host.Ticks.AtLeast(1))[0];

        Assert.Equal(new Tick("far", 1), tick.Message);
        Assert.Equal($"{scheduled.TokenId:D}", tick.Headers.Get<string>(MessageHeaders.SchedulingTokenId));
        Assert.True(TimeProvider.System.GetUtcNow().UtcDateTime - due >= TimeSpan.FromMilliseconds(-50));
    }

    [Fact]
    public async Task Messages_that_cannot_be_sent_hold_no_later_one_up()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        await using var host = await TestHost.Start(settings);
        var due = TimeProvider.System.GetUtcNow().AddMinutes(-10);

        // More than a sweep takes at a time.
        for (var number = 0; number < 201; number++)
            await host.Store.Keep(NewId.NextGuid(), due.AddSeconds(number), Message("bad", new Uri("foo:bar")), Cancellation);
        for (var number = 0; number < 3; number++)
            await host.Store.Keep(
                NewId.NextGuid(), due.AddMinutes(5).AddSeconds(number), Message($"good {number}", TickAddress(host)), Cancellation);

        await host.Ticks.AtLeast(3);
        Assert.Equal(["good 0", "good 1", "good 2"], host.Ticks.Names.Order());
        Assert.Single(host.Log.All, line => line.Contains("foo", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("foo:bar")]
    [InlineData("https://example.com/orders")]
    public async Task A_message_for_an_address_that_the_bus_cannot_send_to_is_refused_when_it_is_scheduled(string address)
    {
        await using var host = await TestHost.Start(await Settings());
        var refusals = new Refusals();
        using var connection = host.Services.GetRequiredService<IBus>().ConnectConsumeObserver(refusals);
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(2);

        await host.InScope(scope =>
            scope.GetRequiredService<IMessageScheduler>().ScheduleSend(new Uri(address), due, new Tick("lost"), Cancellation));
        await host.InScope(scope => scope.GetRequiredService<IRecurringMessageScheduler>()
            .ScheduleRecurringSend(new Uri(address), new EverySecond(), new Tick("lost"), Cancellation));

        await Eventually.True(() => Task.FromResult(refusals.All.Count == 2), TimeSpan.FromSeconds(60), "two refusals", Cancellation);
        Assert.All(refusals.All, refusal => Assert.Contains($"'{address}'", Assert.IsType<InvalidMessageException>(refusal).Message));
        Assert.Empty((await host.Store.FindOverdue(due.AddDays(1), 0, 0, Cancellation)).Messages);
        Assert.Empty(await host.Schedules.List(Cancellation));
    }

    [Fact]
    public async Task A_message_can_be_cancelled_wherever_it_waits()
    {
        var settings = await Settings();
        // Time enough to cancel it even on a busy machine.
        settings["Bus:Scheduling:TransportDelay"] = "16s";
        await using var host = await TestHost.Start(settings);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;

        var near = await host.Schedule(now.AddSeconds(15), new Tick("near"));
        var far = await host.Schedule(now.AddSeconds(17), new Tick("far"));
        await host.Cancel(near.TokenId);
        await host.Cancel(far.TokenId);
        await host.Schedule(now.AddSeconds(18), new Tick("last"));

        await host.Ticks.AtLeast(1);
        Assert.Equal(["last"], host.Ticks.Names);
    }

    private protected static Uri TickAddress(TestHost host) =>
        host.Services.GetRequiredService<IBus>().Topology.TryGetPublishAddress(typeof(Tick), out var address) ? address
            : throw new InvalidOperationException("Ticks have no address.");

    private protected static StoredMessage Message(string name, Uri destination) => new()
    {
        Destination = destination,
        ContentType = "application/vnd.masstransit+json",
        Types = [MessageUrn.ForTypeString<Tick>()],
        Body = $$$"""{"messageType":["{{{MessageUrn.ForTypeString<Tick>()}}}"],"message":{"name":"{{{name}}}","number":0}}""",
    };

    /// <summary>Why messages have failed.</summary>
    sealed class Refusals : IConsumeObserver
    {
        public System.Collections.Concurrent.ConcurrentQueue<Exception> All { get; } = [];

        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class
        {
            All.Enqueue(exception);
            return Task.CompletedTask;
        }
    }

    sealed class EverySecond : MassTransit.Scheduling.DefaultRecurringSchedule
    {
        public EverySecond() => (ScheduleId, ScheduleGroup, CronExpression, TimeZoneId) = ("every", "group", "* * * * * ?", "UTC");
    }
}
