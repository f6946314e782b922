using System.Collections.Concurrent;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// Brings the declared schedules in line once the bus has started, lets the alarms ring, and looks every few seconds for what is overdue
/// because a process has died in the middle of it.
/// </summary>
sealed partial class SchedulerService(
    IScheduleStore store, AlarmClock alarms, DeclaredSchedules declared, SchedulingSettings settings, HolderWatch watch, SteadyClock clock,
    TimeProvider time, ILogger<SchedulerService> logger, BusDatabase? database = null, DatabaseOutage? outage = null) : BackgroundService
{
    internal const string Lease = "schedules";

    // A look at the stopwatch: whether this host has the lease, and whether it is time to sweep.
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan CleanInterval = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<string, LineAMinute> _failing = [];
    readonly LineAMinute _unsent = new(time);
    readonly Rests _rests = new(settings.SweepInterval, time);

    // Quartz knows no cluster on SQLite, and would run the schedules in each host. On PostgreSQL, and in memory, all do.
    readonly HostLease? _lease = settings.Store == ScheduleStoreKind.Database && database is { Provider: DatabaseProvider.Sqlite }
        ? new HostLease(database, Lease, time)
        : null;

    bool IsLeading => _lease?.IsHeld ?? true;

    /// <summary>
    /// Brings the schedules in line before the host says that it has started, so that a start that cannot do so fails. It waits while the
    /// database is away.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ScheduleDefinition> schedules = [];
        if (outage is null)
            schedules = await BringInLine(cancellationToken);
        else
            await outage.Overcome(async token => schedules = await BringInLine(token), cancellationToken);

        foreach (var schedule in schedules)
        {
            if (schedule.Cron is { } cron && Cron.IsRenumbered(cron))
                LogRenumbered(schedule.Name, cron);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may be told to stop before it has come here.
        if (ExecuteTask is null)
            return;

        await base.StopAsync(cancellationToken);
        await alarms.Stop(cancellationToken);

        try
        {
            if (_lease is not null)
                await _lease.Release(cancellationToken);
            await store.Leave(declared.All, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The others find out by themselves.
            if (outage?.Tells(exception) != true)
                LogNotDone(exception, "tell that this host ends");
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Run ? Task.WhenAll(KeepInLine(stoppingToken), Fire(stoppingToken)) : KeepInLine(stoppingToken);

    async Task<IReadOnlyList<ScheduleDefinition>> BringInLine(CancellationToken cancellationToken)
    {
        var reconciled = await store.Reconcile(declared.All, cancellationToken);

        foreach (var schedule in reconciled.All.Where(schedule => reconciled.Changed.Contains(schedule.Name)))
            await Guarded(schedule.Name, () => alarms.Set(schedule, cancellationToken));
        foreach (var name in reconciled.Deleted)
            await alarms.Remove(name, cancellationToken);

        if (reconciled.Changed.Count + reconciled.Deleted.Count > 0)
            LogReconciled(Listed(reconciled.Changed), Listed(reconciled.Deleted));
        if (reconciled.GaveWay.Count > 0)
            LogGaveWay(Listed(reconciled.GaveWay));
        if (reconciled.Taken.Count > 0)
            LogTaken(Listed(reconciled.Taken));

        return reconciled.All;
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

    Task Fire(CancellationToken cancellationToken) =>
        _lease is null ? Sweep(cancellationToken) : Task.WhenAll(Lead(_lease, cancellationToken), Sweep(cancellationToken));

    // Beside the work, which may take longer than the lease lasts.
    async Task Lead(HostLease lease, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease.Interval, time);
        do
            await Try("see which host runs the schedules", async () =>
            {
                // If another host has the lease, it shows life: a silent one loses it.
                await lease.TryHold(cancellationToken);
                watch.Seen();
            });
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    async Task Sweep(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        var (isRinging, swept, cleaned) = (false, 0L, time.GetTimestamp());

        do
            await Try("look for schedules that are overdue", async () =>
            {
                if (isRinging != IsLeading)
                {
                    // What is overdue comes first: setting all alarms takes its time.
                    if (!isRinging)
                        await SweepOnce(TimeSpan.Zero, cancellationToken);

                    isRinging = await Ring(!isRinging, cancellationToken);
                    swept = 0;
                }

                if (!isRinging || (swept > 0 && time.GetElapsedTime(swept) < settings.SweepInterval))
                    return;

                await SweepOnce(swept == 0 ? TimeSpan.Zero : settings.SweepInterval, cancellationToken);
                swept = time.GetTimestamp();
                watch.Seen();

                if (time.GetElapsedTime(cleaned) > CleanInterval)
                {
                    cleaned = time.GetTimestamp();
                    if (await clock.IsSteady(cancellationToken))
                        await Clean(cancellationToken);
                }
            });
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    // Whoever had the lease before may have had alarms in hand, which nobody rings any more.
    async Task<bool> Ring(bool isOn, CancellationToken cancellationToken)
    {
        if (!isOn)
        {
            await alarms.Pause(cancellationToken);
            LogLost();
            return false;
        }

        foreach (var schedule in await store.List(cancellationToken))
            await Guarded(schedule.Definition.Name, () => alarms.Set(schedule.Definition, cancellationToken));
        await alarms.Start(cancellationToken);
        LogStarted();
        return true;
    }

    async Task Clean(CancellationToken cancellationToken)
    {
        var orphans = await store.Clean(cancellationToken);
        foreach (var name in orphans)
            await alarms.Remove(name, cancellationToken);
        if (orphans.Count > 0)
            LogOrphans(Listed(orphans));
    }

    // The database may be away for a while. The log has a problem when it begins, and once a minute.
    async Task Try(string what, Func<Task> work)
    {
        try
        {
            await work();
            _failing.TryRemove(what, out _);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            watch.Failed(exception);
            if (outage?.Tells(exception) != true && _failing.GetOrAdd(what, _ => new LineAMinute(time)).IsDue(out _))
                LogNotDone(exception, what);
        }
    }

    async Task<bool> Guarded(string schedule, Func<Task> work)
    {
        var isFired = await Guarded(work, exception =>
        {
            watch.Failed(exception);
            if (_failing.GetOrAdd(schedule, _ => new LineAMinute(time)).IsDue(out _))
                LogNotFired(exception, schedule, exception.GetBaseException().Message);
        });

        if (isFired)
            _failing.TryRemove(schedule, out _);
        return isFired;
    }

    // There may be thousands of messages, and the log has one line a minute of them all.
    Task<bool> Guarded(Guid token, Func<Task> work) => Guarded(work, exception =>
    {
        if (_unsent.IsDue(out var untold))
            LogNotSent(exception, token, exception.GetBaseException().Message, untold);
    });

    // One that cannot be fired holds no others up. If the database is away, none can be.
    async Task<bool> Guarded(Func<Task> work, Action<Exception> tell)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException && outage?.Tells(exception) != true)
        {
            tell(exception);
            return false;
        }
    }

    async Task SweepOnce(TimeSpan late, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - late;
        var (schedules, messages) = (0, 0);
        HashSet<object> tried = [];
        Overdue overdue;
        _rests.Forget();

        // What stays overdue would fill the batch of the earliest again and again.
        do
        {
            overdue = await store.FindOverdue(before, schedules, messages, cancellationToken);

            foreach (var name in overdue.Schedules)
            {
                if (!await IsFired(name, tried, () => Guarded(name, () => FireLate(name, cancellationToken))))
                    schedules++;
            }

            foreach (var token in overdue.Messages)
            {
                if (!await IsFired(token, tried, () => Guarded(token, () => store.FireMessage(token, cancellationToken))))
                    messages++;
            }
        }
        while (overdue.IsFull);
    }

    async Task<bool> IsFired(object key, HashSet<object> tried, Func<Task<bool>> fire)
    {
        if (!tried.Add(key) || _rests.IsResting(key))
            return false;

        var isFired = await fire();
        if (isFired)
            _rests.Fired(key);
        else
            _rests.Failed(key);
        return isFired;
    }

    // Its alarm should have rung.
    async Task FireLate(string schedule, CancellationToken cancellationToken)
    {
        if (await store.Fire(schedule, time.GetUtcNow(), cancellationToken) is { } next)
            await alarms.Set(schedule, next, cancellationToken);
    }

    static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    [LoggerMessage(1, LogLevel.Information,
        "Schedules are in line with what is declared. Changed: {Changed}. Deleted, for nobody declares them any more: {Deleted}")]
    partial void LogReconciled(string changed, string deleted);

    [LoggerMessage(2, LogLevel.Information, "This process runs the schedules")]
    partial void LogStarted();

    [LoggerMessage(3, LogLevel.Warning, "This host could not {What}. It is tried again every few seconds")]
    partial void LogNotDone(Exception exception, string what);

    [LoggerMessage(4, LogLevel.Warning,
        "Hosts of a later version declare other schedules of {Owners}. Those are in force until no such host runs any more, and then "
            + "this host's")]
    partial void LogGaveWay(string owners);

    [LoggerMessage(5, LogLevel.Warning,
        "The names of these schedules belong to others, whose hosts are running: {Schedules}. Give each schedule a name of its own")]
    partial void LogTaken(string schedules);

    [LoggerMessage(6, LogLevel.Information,
        "These schedules are deleted, for no host has had the domain or application that declares them for a week: {Schedules}")]
    partial void LogOrphans(string schedules);

    [LoggerMessage(
        7, LogLevel.Warning,
        "The schedule {Schedule} has six fields and weekdays as numbers ({Cron}). They are read as in crontab: 0 and 7 are Sunday, 1 is "
        + "Monday. Earlier versions read 1 as Sunday. "
        + "Write names, such as MON-FRI, to be rid of this line")]
    partial void LogRenumbered(string schedule, string cron);

    [LoggerMessage(8, LogLevel.Error, "The schedule {Schedule} cannot be fired: {Reason}. It is tried again within a minute")]
    partial void LogNotFired(Exception exception, string schedule, string reason);

    [LoggerMessage(
        9, LogLevel.Warning, "This process has lost the lease on the schedules, as it had not renewed it for seconds. Another runs them")]
    partial void LogLost();

    [LoggerMessage(
        10, LogLevel.Error,
        "The scheduled message {Token} cannot be sent: {Reason}. It is tried again within a minute. Attempts since the last such line, of "
            + "this and other messages: {Others}")]
    partial void LogNotSent(Exception exception, Guid token, string reason, int others);
}
