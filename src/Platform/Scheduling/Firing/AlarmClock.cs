using Quartz;

namespace MaestroBus.Scheduling;

/// <summary>
/// Quartz, which wakes the schedules and the far-off messages at their times. What it forgets or repeats does no harm: what is due is decided and written down by the store.
/// </summary>
sealed class AlarmClock(AlarmJob job, SchedulingSettings settings, DatabaseSettings database, IServiceProvider services, ILoggerFactory loggers, TimeProvider time) : IAsyncDisposable
{
    const string SchedulerName = "schedules";
    const string TablePrefix = "schedule_quartz_";
    const string RecurringGroup = "recurring";
    const string MessageGroup = "message";

    static readonly JobKey Job = new("alarm", SchedulerName);
    static readonly TimeSpan CheckinInterval = TimeSpan.FromSeconds(3);
    static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _making = new(1);
    ServiceProvider? _quartz;
    IScheduler? _scheduler;

    /// <summary>Begins to ring. Before that, alarms can be set all the same.</summary>
    public async Task Start(CancellationToken cancellationToken) => await (await Scheduler(cancellationToken)).Start(cancellationToken);

    /// <summary>Ends; what is being fired is waited for.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (_scheduler is not null)
            await _scheduler.Shutdown(true, cancellationToken);
    }

    /// <summary>Sets the alarms of a schedule, in place of those that it has.</summary>
    public async Task Set(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var trigger = TriggerBuilder.Create(time).ForJob(Job).WithIdentity(schedule.Name, RecurringGroup).UsingJobData(AlarmJob.Schedule, schedule.Name);
        var timetable = new Timetable(schedule);

        if (timetable.Next(now) is not { } first)
        {
            await Remove(schedule.Name, cancellationToken);
            return;
        }

        trigger = timetable.Cron is { } cron
            ? trigger.StartAt(schedule.Start ?? now).WithSchedule(CronScheduleBuilder.Create(cron).InTimeZone(cron.TimeZone).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
            : trigger.StartAt(first).WithSchedule(
                CalendarIntervalScheduleBuilder.Create().InTimeZone(TimeZoneInfo.Utc)
                    .WithInterval((int)schedule.Interval!.Value.TotalSeconds, IntervalUnit.Second)
                    .WithMisfireInstruction(CalendarIntervalTriggerMisfireInstruction.FireAndProceed));

        var scheduler = await Scheduler(cancellationToken);
        // The end counts as a time, too.
        await scheduler.ScheduleTrigger(trigger.EndAt(schedule.End?.AddSeconds(1)).Build(), TriggerConflict.Replace, cancellationToken);
    }

    /// <summary>Whether a schedule has alarms.</summary>
    public async Task<bool> Has(string schedule, CancellationToken cancellationToken) =>
        await (await Scheduler(cancellationToken)).Exists(new TriggerKey(schedule, RecurringGroup), cancellationToken);

    /// <summary>Takes a schedule's alarms away.</summary>
    public async Task Remove(string schedule, CancellationToken cancellationToken) =>
        await (await Scheduler(cancellationToken)).UnscheduleJob(new TriggerKey(schedule, RecurringGroup), cancellationToken);

    /// <summary>Sets the alarm of a message.</summary>
    public async Task Set(Guid token, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var trigger = TriggerBuilder.Create(time).ForJob(Job).WithIdentity($"{token:n}", MessageGroup).UsingJobData(AlarmJob.Message, $"{token:n}").StartAt(due)
            .WithSchedule(SimpleScheduleBuilder.Create().WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow));
        await (await Scheduler(cancellationToken)).ScheduleTrigger(trigger.Build(), TriggerConflict.Replace, cancellationToken);
    }

    /// <summary>Takes a message's alarm away.</summary>
    public async Task Remove(Guid token, CancellationToken cancellationToken) =>
        await (await Scheduler(cancellationToken)).UnscheduleJob(new TriggerKey($"{token:n}", MessageGroup), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // A host that is disposed of without being stopped leaves a thread that rings otherwise.
        if (_scheduler is { Status: not SchedulerStatus.Shutdown })
            await _scheduler.Shutdown(false);
        if (_quartz is not null)
            await _quartz.DisposeAsync();
        _making.Dispose();
    }

    async ValueTask<IScheduler> Scheduler(CancellationToken cancellationToken)
    {
        if (_scheduler is { } known)
            return known;

        await _making.WaitAsync(cancellationToken);
        try
        {
            return _scheduler ??= await Make(cancellationToken);
        }
        finally
        {
            _making.Release();
        }
    }

    async Task<IScheduler> Make(CancellationToken cancellationToken)
    {
        // In a container of its own: there may be several hosts in a process, and other users of Quartz in a host.
        _quartz = new ServiceCollection()
            .AddSingleton(loggers)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddQuartz(quartz =>
            {
                quartz.ConfigureScheduler(scheduler =>
                {
                    scheduler.InstanceName = SchedulerName;
                    scheduler.InstanceId = $"{Instance.Name}-{NewId.NextGuid():n}";
                    scheduler.IdleWaitTime = IdleWait;
                    scheduler.MaxBatchSize = settings.Concurrency;
                });
                quartz.UseDefaultThreadPool(settings.Concurrency);
                quartz.UseTimeProvider(time);
                quartz.UseJobFactory(new AlarmJob.Factory(job));

                if (settings.Store == ScheduleStoreKind.Memory)
                    quartz.UseInMemoryStore(store => store.MisfireThreshold = settings.MisfireThreshold);
                else
                    quartz.UsePersistentStore(UseDatabase);
            })
            .BuildServiceProvider();

        var scheduler = await _quartz.GetRequiredService<ISchedulerFactory>().GetScheduler(cancellationToken);
        await scheduler.AddJob(JobBuilder.Create<AlarmJob>().WithIdentity(Job).StoreDurably(true).RequestRecovery(true).Build(), AddJobOptions.Replacing, cancellationToken);
        return scheduler;
    }

    void UseDatabase(IPersistentStoreBuilder store)
    {
        store.ConfigureStore(options =>
        {
            options.TablePrefix = TablePrefix;
            options.MisfireThreshold = settings.MisfireThreshold;
            options.MisfireHandlerFrequency = TimeSpan.FromSeconds(15);
            options.StoreJobDataAsStrings = true;
            options.UseBackgroundThreads = true;
            options.SchemaProvisioning = SchemaProvisioning.None;
            options.DbRetryInterval = TimeSpan.FromSeconds(2);
        });

        if (database.Provider == DatabaseProvider.PostgreSql)
        {
            store.UsePostgres(Npgsql.NpgsqlFactory.Instance, database.ConnectionString!);
            store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (CheckinInterval, CheckinInterval));
        }
        else
        {
            store.UseSqlite(
                Microsoft.Data.Sqlite.SqliteFactory.Instance,
                new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = services.GetRequiredService<BusDatabase>().Path }.ToString());
        }
    }
}
