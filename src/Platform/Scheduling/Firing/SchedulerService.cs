namespace MaestroBus.Scheduling;

/// <summary>
/// Brings the declared schedules in line once the bus has started, lets the alarms ring, and looks every few seconds for what is overdue because a process has died in the middle of it.
/// </summary>
sealed partial class SchedulerService(
    IScheduleStore store, AlarmClock alarms, DeclaredSchedules declared, SchedulingSettings settings, DatabaseSettings database, IServiceProvider services, TimeProvider time,
    ILogger<SchedulerService> logger) : BackgroundService
{
    static readonly TimeSpan LeadInterval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan CleanInterval = TimeSpan.FromMinutes(10);

    SchedulerLead? _lead;

    /// <summary>Brings the schedules in line before the host says that it has started, so that a start that cannot do so fails.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await BringInLine(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await alarms.Stop(cancellationToken);
        _lead?.Dispose();

        try
        {
            await store.Leave(declared.All, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The others find out by themselves.
            LogNotDone(exception, "tell that this host ends");
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => settings.Run ? Task.WhenAll(KeepInLine(stoppingToken), Fire(stoppingToken)) : KeepInLine(stoppingToken);

    async Task BringInLine(CancellationToken cancellationToken)
    {
        var reconciled = await store.Reconcile(declared.All, cancellationToken);

        foreach (var schedule in reconciled.All)
            if (reconciled.Changed.Contains(schedule.Name) || !await alarms.Has(schedule.Name, cancellationToken))
                await alarms.Set(schedule, cancellationToken);
        foreach (var name in reconciled.Deleted)
            await alarms.Remove(name, cancellationToken);

        if (reconciled.Changed.Count + reconciled.Deleted.Count > 0)
            LogReconciled(Listed(reconciled.Changed), Listed(reconciled.Deleted));
        if (reconciled.GaveWay.Count > 0)
            LogGaveWay(Listed(reconciled.GaveWay));
        if (reconciled.Taken.Count > 0)
            LogTaken(Listed(reconciled.Taken));
    }

    async Task KeepInLine(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await Try("see whether the declared schedules are in force", async () =>
            {
                if (await store.Renew(declared.All, cancellationToken))
                    await BringInLine(cancellationToken);
            });
    }

    async Task Fire(CancellationToken cancellationToken)
    {
        if (settings.Store == ScheduleStoreKind.Database && database.Provider == DatabaseProvider.Sqlite)
            await Lead(cancellationToken);

        await alarms.Start(cancellationToken);
        LogStarted();

        using var timer = new PeriodicTimer(settings.SweepInterval, time);
        var cleaned = time.GetUtcNow();
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await Try("look for schedules that are overdue", async () =>
            {
                await Sweep(cancellationToken);

                if (time.GetUtcNow() - cleaned > CleanInterval)
                {
                    cleaned = time.GetUtcNow();
                    await Clean(cancellationToken);
                }
            });
    }

    async Task Clean(CancellationToken cancellationToken)
    {
        var orphans = await store.Clean(cancellationToken);
        foreach (var name in orphans)
            await alarms.Remove(name, cancellationToken);
        if (orphans.Count > 0)
            LogOrphans(Listed(orphans));
    }

    async Task Try(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The database may be away for a while.
            LogNotDone(exception, what);
        }
    }

    async Task Lead(CancellationToken cancellationToken)
    {
        _lead = new SchedulerLead(services.GetRequiredService<BusDatabase>().Path);
        using var timer = new PeriodicTimer(LeadInterval, time);

        while (!_lead.TryTake())
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    async Task Sweep(CancellationToken cancellationToken)
    {
        var overdue = await store.FindOverdue(time.GetUtcNow() - settings.SweepInterval, cancellationToken);

        foreach (var name in overdue.Schedules)
        {
            await store.Fire(name, time.GetUtcNow(), cancellationToken);

            // Its alarm should have rung.
            if (!await alarms.Has(name, cancellationToken) && await store.Find(name, cancellationToken) is { } schedule)
                await alarms.Set(schedule.Definition, cancellationToken);
        }

        foreach (var token in overdue.Messages)
            await store.FireMessage(token, cancellationToken);
    }

    static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    [LoggerMessage(1, LogLevel.Information, "Schedules are in line with what is declared. Changed: {Changed}. Deleted, for nobody declares them any more: {Deleted}")]
    partial void LogReconciled(string changed, string deleted);

    [LoggerMessage(2, LogLevel.Information, "This process runs the schedules")]
    partial void LogStarted();

    [LoggerMessage(3, LogLevel.Warning, "This host could not {What}; the next attempt is in seconds")]
    partial void LogNotDone(Exception exception, string what);

    [LoggerMessage(4, LogLevel.Warning, "Hosts of a later version declare other schedules of {Owners}. Those are in force until no such host runs any more, and then this host's")]
    partial void LogGaveWay(string owners);

    [LoggerMessage(5, LogLevel.Warning, "The names of these schedules belong to others, whose hosts are running: {Schedules}. Give each schedule a name of its own")]
    partial void LogTaken(string schedules);

    [LoggerMessage(6, LogLevel.Information, "These schedules are deleted, for no host has had the domain or application that declares them for a week: {Schedules}")]
    partial void LogOrphans(string schedules);
}
