namespace Maestro.Bus.Scheduling;

/// <summary>
/// Keeps the schedules in the bus's database. Whoever fires a schedule has its row, so that no occurrence is fired twice, and none is
/// passed over.
/// </summary>
sealed partial class DatabaseScheduleStore(
    IServiceScopeFactory scopes, SchedulingSettings settings, ScheduleMetrics metrics, TimeProvider time,
    ILogger<DatabaseScheduleStore> logger) : IScheduleStore
{
    // Longer than any transport delays a message.
    static readonly TimeSpan CancelledRetention = TimeSpan.FromDays(60);
    // A domain that is not built into any host any more; one whose hosts are only down for a while keeps its schedules as they are.
    static readonly TimeSpan OwnerRetention = TimeSpan.FromDays(7);
    static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    const int Batch = 200;

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<Reconciled> Reconcile(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            await transaction.Alone(cancellationToken);
            return await new Reconciliation(transaction.Context, time, settings.AliveFor).Run(declared, cancellationToken);
        },
        cancellationToken);

    public async Task<bool> Renew(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken)
    {
        await Seen(declared, Now, cancellationToken);
        return await Read(context => new Reconciliation(context, time, settings.AliveFor).IsDue(declared, cancellationToken));
    }

    public Task Leave(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken) =>
        Seen(declared, Now - (long)settings.AliveFor.TotalMilliseconds, cancellationToken);

    public Task Put(ScheduleDefinition definition, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            if (await transaction.Lock(definition.Name, cancellationToken) is not { } row)
            {
                row = new ScheduleRow { Name = definition.Name, Definition = "" };
                transaction.Context.Add(row);
            }

            return row.Set(null, definition, time.GetUtcNow());
        },
        cancellationToken);

    public Task<bool> Delete(string name, CancellationToken cancellationToken) => InTransaction(
        async transaction => await transaction.Context.Schedules.Where(row => row.Name == name).ExecuteDeleteAsync(cancellationToken) > 0,
        cancellationToken);

    public Task<StoredSchedule?> Find(string name, CancellationToken cancellationToken) => Read(
        async context =>
            await context.Schedules.AsNoTracking().FirstOrDefaultAsync(row => row.Name == name, cancellationToken) is { } row
                ? Stored.Read(row)
                : null);

    public Task<IReadOnlyList<StoredSchedule>> List(CancellationToken cancellationToken) => Read<IReadOnlyList<StoredSchedule>>(
        async context =>
            [.. (await context.Schedules.AsNoTracking().OrderBy(row => row.Name).ToListAsync(cancellationToken)).Select(Stored.Read)]);

    public Task<bool> Pause(string name, bool isPaused, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            if (await transaction.Lock(name, cancellationToken) is not { } row)
                return false;

            if (row.IsPaused && !isPaused)
                row.Begin(Stored.Read(row).Definition, time.GetUtcNow());
            row.IsPaused = isPaused;
            return true;
        },
        cancellationToken);

    public async Task<DateTimeOffset?> Fire(string name, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (true)
        {
            List<(Occurrence Occurrence, bool IsSkipped)> fired = [];
            var (count, next) = await InTransaction(
                transaction => Fire(transaction, name, until, fired, cancellationToken), cancellationToken);
            fired.ForEach(run => metrics.Fired(run.Occurrence, time.GetUtcNow(), run.IsSkipped));
            if (count != Due.Most)
                return next;
        }
    }

    public Task<ScheduleRun?> Trigger(string name, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            if (await transaction.Lock(name, cancellationToken) is not { } row)
                return null;

            var now = time.GetUtcNow();
            var occurrence = new Occurrence(Stored.Read(row).Definition, now, IsManual: true);
            var run = Stored.Write(occurrence, now);
            transaction.Context.Add(run);
            await occurrence.Pipe(time).SendTo(transaction.Outbox, cancellationToken);
            return Stored.Read(run);
        },
        cancellationToken);

    public Task<IReadOnlyList<ScheduleRun>> History(string name, int take, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<ScheduleRun>>(
            async context =>
                [.. (await context.Runs.AsNoTracking().Where(run => run.Schedule == name).OrderByDescending(run => run.ScheduledAt)
                    .Take(take).ToListAsync(cancellationToken)).Select(Stored.Read)]);

    public Task Finish(RunOutcome outcome, CancellationToken cancellationToken)
    {
        var (state, now, duration) = (outcome.IsSuccess ? nameof(RunState.Succeeded) : nameof(RunState.Failed), Now,
            (long)outcome.Duration.TotalMilliseconds);
        var error = Stored.Error(outcome.Error);
        return InTransaction(
            transaction => transaction.Context.Runs.Where(run => run.Id == outcome.Id).ExecuteUpdateAsync(
                run => run.SetProperty(row => row.State, state)
                    .SetProperty(row => row.Attempts, row => row.Attempts + 1)
                    .SetProperty(row => row.FinishedAt, now)
                    .SetProperty(row => row.Duration, duration)
                    .SetProperty(row => row.HandledBy, outcome.HandledBy)
                    .SetProperty(row => row.Error, error),
                cancellationToken),
            cancellationToken);
    }

    public Task<bool> Keep(Guid token, DateTimeOffset due, StoredMessage message, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            if (await transaction.Context.Cancelled.AnyAsync(cancelled => cancelled.Token == token, cancellationToken))
                return false;

            await transaction.Context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO schedule_message (token, due_at, message)
                    VALUES ({token}, {due.ToUnixTimeMilliseconds()}, {Stored.Write(message)})
                ON CONFLICT (token) DO UPDATE SET due_at = excluded.due_at, message = excluded.message
                """,
                cancellationToken);
            return true;
        },
        cancellationToken);

    public Task FireMessage(Guid token, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            var latest = time.GetUtcNow().Add(ClockTolerance).ToUnixTimeMilliseconds();
            if (await transaction.Context.Messages.AsNoTracking()
                .FirstOrDefaultAsync(row => row.Token == token && row.DueAt <= latest, cancellationToken) is not { } message
                || await transaction.Context.Messages.Where(row => row.Token == token).ExecuteDeleteAsync(cancellationToken) == 0
                || await transaction.Context.Cancelled.AnyAsync(cancelled => cancelled.Token == token, cancellationToken))
                return false;

            await new StoredMessagePipe(Stored.Read<StoredMessage>(message.Message), time).SendTo(transaction.Outbox, cancellationToken);
            return true;
        },
        cancellationToken);

    public Task Cancel(Guid token, CancellationToken cancellationToken) => InTransaction(
        async transaction =>
        {
            if (await transaction.Context.Messages.Where(row => row.Token == token).ExecuteDeleteAsync(cancellationToken) > 0)
                return true;

            await transaction.Context.Database.ExecuteSqlAsync(
                $"INSERT INTO schedule_cancelled (token, cancelled_at) VALUES ({token}, {Now}) ON CONFLICT (token) DO NOTHING",
                cancellationToken);
            return false;
        },
        cancellationToken);

    public Task<bool> IsCancelled(Guid token, CancellationToken cancellationToken) =>
        Read(context => context.Cancelled.AnyAsync(cancelled => cancelled.Token == token, cancellationToken));

    public Task<Overdue> FindOverdue(DateTimeOffset before, int schedules, int messages, CancellationToken cancellationToken) =>
        Read(async context =>
        {
            var (limit, ahead) = (before.ToUnixTimeMilliseconds(), (time.GetUtcNow() + Watermark.Tolerance).ToUnixTimeMilliseconds());
            var names = await context.Schedules.Where(row => !row.IsPaused && (row.NextAt < limit || row.DoneUntil > ahead))
                .OrderBy(row => row.NextAt).ThenBy(row => row.Name).Select(row => row.Name).Skip(schedules).Take(Batch)
                .ToListAsync(cancellationToken);
            var tokens = await context.Messages.Where(row => row.DueAt < limit)
                .OrderBy(row => row.DueAt).ThenBy(row => row.Token).Select(row => row.Token).Skip(messages).Take(Batch)
                .ToListAsync(cancellationToken);
            return new Overdue(names, tokens, names.Count == Batch || tokens.Count == Batch);
        });

    public async Task<IReadOnlyList<string>> Clean(CancellationToken cancellationToken)
    {
        var now = await InTransaction(transaction => transaction.Now(time, cancellationToken), cancellationToken);
        var (old, cancelled) = ((now - settings.HistoryRetention).ToUnixTimeMilliseconds(),
            (now - CancelledRetention).ToUnixTimeMilliseconds());

        await InTransaction(transaction => transaction.Context.Runs.Where(run => run.FiredAt < old).ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
        await InTransaction(
            transaction => transaction.Context.Cancelled.Where(row => row.CancelledAt < cancelled).ExecuteDeleteAsync(cancellationToken),
            cancellationToken);

        var full = await Read(context =>
            context.Runs.GroupBy(run => run.Schedule).Where(runs => runs.Count() > settings.HistoryRuns).Select(runs => runs.Key)
                .ToListAsync(cancellationToken));
        foreach (var name in full)
            await InTransaction(
                async transaction =>
                {
                    var runs = transaction.Context.Runs.Where(run => run.Schedule == name);
                    var oldest = await runs.OrderByDescending(run => run.ScheduledAt).Select(run => run.ScheduledAt)
                        .Skip(settings.HistoryRuns - 1).FirstOrDefaultAsync(cancellationToken);
                    return await runs.Where(run => run.ScheduledAt < oldest).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken);

        var unseen = (now - OwnerRetention).ToUnixTimeMilliseconds();
        return await InTransaction(
            async transaction =>
            {
                await transaction.Alone(cancellationToken);
                await transaction.Context.Declarations.Where(row => row.SeenAt < unseen).ExecuteDeleteAsync(cancellationToken);
                var orphans = transaction.Context.Schedules.Where(row =>
                    row.Owner != null && !transaction.Context.Declarations.Any(declaration => declaration.Owner == row.Owner));
                var names = await orphans.Select(row => row.Name).ToListAsync(cancellationToken);
                await orphans.ExecuteDeleteAsync(cancellationToken);
                return names;
            },
            cancellationToken);
    }

    /// <summary>How many occurrences have been fired, and when the next one is due.</summary>
    async Task<(int Count, DateTimeOffset? Next)> Fire(
        ScheduleTransaction transaction, string name, DateTimeOffset until, List<(Occurrence Occurrence, bool IsSkipped)> fired,
        CancellationToken cancellationToken)
    {
        if (await transaction.Lock(name, cancellationToken) is not { } row)
            return (0, null);

        var now = await transaction.Now(time, cancellationToken);
        until = until > now + ClockTolerance ? now + ClockTolerance : until;
        if (!row.IsPaused && row.Watermark().IsAhead(now))
            await PutBack(transaction, row, now, cancellationToken);

        var schedule = Stored.Read(row);
        var (timetable, mark) = (new Timetable(schedule.Definition), schedule.Watermark);
        if (!row.IsPaused)
            row.Write(mark = mark.Reach(until, Due.IsMissing(timetable, mark.DoneUntil, until - settings.MisfireThreshold)));

        if (schedule.IsPaused || until <= mark.DoneUntil)
        {
            var later = timetable.Next(until > mark.DoneUntil ? until : mark.DoneUntil);
            row.NextAt = later?.ToUnixTimeMilliseconds();
            return (0, later);
        }

        var (occurrences, doneUntil) = Due.Of(schedule.Definition, mark.DoneUntil, until, settings.MisfireThreshold);
        var due = occurrences.Select(occurrence => new Occurrence(schedule.Definition, occurrence, IsManual: false, mark.Corrections))
            .ToList();

        // Those that a clock that was ahead has run before their time run again.
        var (times, early) = (due.Select(occurrence => occurrence.ScheduledAt.ToUnixTimeMilliseconds()).ToList(),
            (long)Watermark.Tolerance.TotalMilliseconds);
        var known = await transaction.Context.Runs
            .Where(run =>
                run.Schedule == name && !run.IsManual && times.Contains(run.ScheduledAt) && run.FiredAt >= run.ScheduledAt - early)
            .Select(run => run.ScheduledAt).ToListAsync(cancellationToken);

        var isBusy = schedule.Definition.Overlap == OverlapRule.Skip && await IsBusy(transaction, name, cancellationToken);

        foreach (var occurrence in due.Where(occurrence => !known.Contains(occurrence.ScheduledAt.ToUnixTimeMilliseconds())))
        {
            transaction.Context.Add(Stored.Write(occurrence, time.GetUtcNow(), isBusy));
            fired.Add((occurrence, isBusy));
            if (!isBusy)
                await occurrence.Pipe(time).SendTo(transaction.Outbox, cancellationToken);
            isBusy |= schedule.Definition.Overlap == OverlapRule.Skip;
        }

        row.DoneUntil = doneUntil.ToUnixTimeMilliseconds();
        var next = timetable.Next(doneUntil);
        row.NextAt = next?.ToUnixTimeMilliseconds();
        return (occurrences.Count, next);
    }

    async Task PutBack(ScheduleTransaction transaction, ScheduleRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        LogPutBack(row.Name, Stored.Time(row.DoneUntil), now);

        var (name, at) = (row.Name, now.ToUnixTimeMilliseconds());
        var runs = transaction.Context.Runs.Where(run => run.Schedule == name);
        var newest = await runs.Where(run => !run.IsManual && run.ScheduledAt <= at)
            .MaxAsync(run => (long?)run.ScheduledAt, cancellationToken);
        row.Write(row.Watermark().PutBack(now, Stored.Time(newest), settings.MisfireThreshold));

        // They have run by now, whatever the clock said.
        await runs.Where(run => run.FiredAt > at).ExecuteUpdateAsync(run => run.SetProperty(fired => fired.FiredAt, at), cancellationToken);
    }

    // One that was lost holds the others up for a while only.
    Task<bool> IsBusy(ScheduleTransaction transaction, string name, CancellationToken cancellationToken)
    {
        var earliest = (time.GetUtcNow() - settings.LongestRun).ToUnixTimeMilliseconds();
        return transaction.Context.Runs.AnyAsync(
            run => run.Schedule == name && run.State == nameof(RunState.Sent) && run.FiredAt > earliest, cancellationToken);
    }

    Task<bool> Seen(IReadOnlyList<OwnSchedules> declared, long at, CancellationToken cancellationToken)
    {
        var keys = declared.Select(own => own.Owner + own.Fingerprint).ToList();
        return InTransaction(
            async transaction => await transaction.Context.Declarations.Where(row => keys.Contains(row.Owner + row.Fingerprint))
                .ExecuteUpdateAsync(rows => rows.SetProperty(row => row.SeenAt, at), cancellationToken) > 0,
            cancellationToken);
    }

    Task<T> InTransaction<T>(Func<ScheduleTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        ScheduleTransaction.Run(scopes, work, cancellationToken);

    async Task<T> Read<T>(Func<ScheduleDbContext, Task<T>> read)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<ScheduleDbContext>());
    }

    [LoggerMessage(
        1, LogLevel.Warning,
        "The schedule {Schedule} has run up to {DoneUntil}, and it is {Now}: the clock was ahead. It goes on from now, and runs again at "
            + "the times that it has run ahead of")]
    partial void LogPutBack(string schedule, DateTimeOffset doneUntil, DateTimeOffset now);
}
