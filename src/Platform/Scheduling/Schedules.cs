namespace Maestro.Bus.Scheduling;

sealed class Schedules(IScheduleStore store, AlarmClock alarms, TimeProvider time) : ISchedules
{
    public Task<IReadOnlyList<ScheduleInfo>> List(CancellationToken cancellationToken) => List(null, int.MaxValue, cancellationToken);

    public async Task<IReadOnlyList<ScheduleInfo>> List(string? after, int limit, CancellationToken cancellationToken)
    {
        List<ScheduleInfo> infos = [];
        // Databases order names in ways of their own.
        foreach (var schedule in (await store.List(cancellationToken))
            .Where(schedule => string.CompareOrdinal(schedule.Definition.Name, after) > 0)
            .OrderBy(schedule => schedule.Definition.Name, StringComparer.Ordinal)
            .Take(limit))
            infos.Add(await Info(schedule, cancellationToken));

        return infos;
    }

    public async Task<ScheduleInfo?> Find(string name, CancellationToken cancellationToken) =>
        await store.Find(name, cancellationToken) is { } schedule ? await Info(schedule, cancellationToken) : null;

    public async Task<IReadOnlyList<DateTimeOffset>?> Next(string name, int count, CancellationToken cancellationToken)
    {
        if (await store.Find(name, cancellationToken) is not { } schedule)
            return null;

        return Next(schedule.Definition, count);
    }

    public Task<bool> Pause(string name, CancellationToken cancellationToken) => store.Pause(name, true, cancellationToken);

    public async Task<bool> Resume(string name, CancellationToken cancellationToken)
    {
        // One whose times cannot be worked out would not run.
        if (await store.Find(name, cancellationToken) is { } schedule)
            Next(schedule.Definition, 1);

        return await store.Pause(name, false, cancellationToken);
    }

    public Task<ScheduleRun?> Trigger(string name, CancellationToken cancellationToken) => store.Trigger(name, cancellationToken);

    public async Task<bool> Delete(string name, CancellationToken cancellationToken)
    {
        var isDeleted = await store.Delete(name, cancellationToken);
        await alarms.Remove(name, cancellationToken);
        return isDeleted;
    }

    public Task<IReadOnlyList<ScheduleRun>> History(string name, int count, CancellationToken cancellationToken) =>
        store.History(name, count, cancellationToken);

    async Task<ScheduleInfo> Info(StoredSchedule schedule, CancellationToken cancellationToken)
    {
        var definition = schedule.Definition;
        var (next, problem) = schedule.IsPaused ? (null, null) : Next(definition);
        return new ScheduleInfo(
            definition.Name, definition.Description, definition.Cron, definition.Interval, definition.TimeZone, definition.DaylightSaving,
            definition.Except, definition.Jitter,
            definition.Start, definition.End, definition.Misfire, definition.Overlap, definition.MessageType,
            definition.Message.Destination.ToString(), schedule.IsDeclared, schedule.IsPaused,
            next is { } at ? TimeZoneInfo.ConvertTime(at, TimeZones.Find(definition.TimeZone)) : null,
            (await store.History(definition.Name, 1, cancellationToken)).FirstOrDefault(), problem);
    }

    IReadOnlyList<DateTimeOffset> Next(ScheduleDefinition definition, int count)
    {
        try
        {
            var zone = TimeZones.Find(definition.TimeZone);
            return [.. new Timetable(definition).Between(time.GetUtcNow(), DateTimeOffset.MaxValue).Take(count)
                .Select(next => TimeZoneInfo.ConvertTime(next, zone))];
        }
        catch (Exception exception) when (Timetable.IsProblem(exception))
        {
            throw new ScheduleTimesException(exception.Message, exception);
        }
    }

    // One schedule whose times cannot be worked out does not hide the others.
    (DateTimeOffset? Next, string? Problem) Next(ScheduleDefinition definition)
    {
        try
        {
            return (new Timetable(definition).Next(time.GetUtcNow()), null);
        }
        catch (Exception exception) when (Timetable.IsProblem(exception))
        {
            return (null, exception.Message);
        }
    }
}
