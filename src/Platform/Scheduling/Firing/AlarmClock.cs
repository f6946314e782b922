using Quartz;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// Quartz, which wakes the schedules and the far-off messages at their times. What it forgets or repeats does no harm: what is due is
/// decided and written down by the store.
/// </summary>
sealed class AlarmClock(AlarmJob job, SchedulingSettings settings, DatabaseSettings database, IServiceProvider services,
    ILoggerFactory loggers, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What the names of Quartz's tables begin with.</summary>
    public const string TablePrefix = "schedule_quartz_";

    const string SchedulerName = "schedules";
    const string RecurringGroup = "recurring";
    const string MessageGroup = "message";

    static readonly JobKey Job = new("alarm", SchedulerName);
    static readonly TimeSpan CheckinInterval = TimeSpan.FromSeconds(3);
    static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);

    static SimpleScheduleBuilder Once => SimpleScheduleBuilder.Create().WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow);

    readonly SemaphoreSlim _making = new(1);
    ServiceProvider? _quartz;
    IScheduler? _scheduler;

    /// <summary>Begins to ring. Before that, alarms can be set all the same.</summary>
    public async Task Start(CancellationToken cancellationToken) => await (await Scheduler(cancellationToken)).Start(cancellationToken);

    /// <summary>Rings no more until it is started again.</summary>
    public async Task Pause(CancellationToken cancellationToken) => await (await Scheduler(cancellationToken)).Standby(cancellationToken);

    /// <summary>Ends; what is being fired is waited for.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (_scheduler is not null)
            await _scheduler.Shutdown(true, cancellationToken);
    }

    /// <summary>Sets the alarm of a schedule's next run, in place of the one that it has.</summary>
    public async Task Set(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        if (new Timetable(schedule).Next(time.GetUtcNow()) is { } next)
            await Set(schedule.Name, next, cancellationToken);
        else
            await Remove(schedule.Name, cancellationToken);
    }

    /// <summary>Sets the alarm of a schedule's next run, in place of the one that it has.</summary>
    public async Task Set(string schedule, DateTimeOffset due, CancellationToken cancellationToken) =>
        await Ring(await Scheduler(cancellationToken), schedule, due, time, cancellationToken);

    /// <summary>
    /// Has Quartz ring once at a schedule's time. Its own triggers for cron expressions are not used: in some time zones Quartz 4.7 finds
    /// the same time again and again.
    /// </summary>
    public static async Task Ring(
        IScheduler scheduler, string schedule, DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken)
    {
        var trigger = TriggerBuilder.Create(time).ForJob(Job).WithIdentity(schedule, RecurringGroup)
            .UsingJobData(AlarmJob.Schedule, schedule).StartAt(due).WithSchedule(Once);
        await scheduler.ScheduleTrigger(trigger.Build(), TriggerConflict.Replace, cancellationToken);
    }

    /// <summary>Takes a schedule's alarms away.</summary>
    public async Task Remove(string schedule, CancellationToken cancellationToken) =>
        await (await Scheduler(cancellationToken)).UnscheduleJob(new TriggerKey(schedule, RecurringGroup), cancellationToken);

    /// <summary>Sets the alarm of a message.</summary>
    public async Task Set(Guid token, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var trigger = TriggerBuilder.Create(time).ForJob(Job).WithIdentity($"{token:n}", MessageGroup)
            .UsingJobData(AlarmJob.Message, $"{token:n}").StartAt(due).WithSchedule(Once);
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
        var container = new ServiceCollection();
        if (services.GetService<DatabaseOutage>() is { } outage)
            container.AddSingleton(outage);
        _quartz = container
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
        await scheduler.AddJob(JobBuilder.Create<AlarmJob>().WithIdentity(Job).StoreDurably(true).RequestRecovery(true).Build(),
            AddJobOptions.Replacing, cancellationToken);
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
            // The connections of the host's own pool are encrypted as it says.
            store.UsePostgres(source => source.DataSourceFactory = _ => services.GetRequiredService<BusDatabase>().DataSource!);
            store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (CheckinInterval, CheckinInterval));
            store.UseLockHandler<AlarmLock>();
        }
        else
        {
            store.UseSqlite(
                Microsoft.Data.Sqlite.SqliteFactory.Instance,
                new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder
                {
                    DataSource = services.GetRequiredService<BusDatabase>().Path,
                }.ToString());
        }
    }
}
