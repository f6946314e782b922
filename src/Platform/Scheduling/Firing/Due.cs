namespace Maestro.Bus.Scheduling;

/// <summary>Decides which occurrences of a schedule run now.</summary>
static class Due
{
    /// <summary>More in one transaction would hold others up; the rest follows at once.</summary>
    public const int Most = 200;

    /// <summary>The occurrences to run, and up to when everything is dealt with then.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="doneUntil">Up to when everything has been dealt with before.</param>
    /// <param name="until">The end of what is due.</param>
    /// <param name="threshold">How late an occurrence may be and still run as if it were not.</param>
    public static (IReadOnlyList<DateTimeOffset> Occurrences, DateTimeOffset DoneUntil) Of(
        ScheduleDefinition definition, DateTimeOffset doneUntil, DateTimeOffset until, TimeSpan threshold)
    {
        var timetable = new Timetable(definition);
        var onTime = until - threshold;

        return (IsMissing(timetable, doneUntil, onTime) ? definition.Misfire : MisfirePolicy.FireAll) switch
        {
            MisfirePolicy.FireOnce => (timetable.Newest(doneUntil, until) is { } newest ? [newest] : [], until),
            MisfirePolicy.Skip => ([.. timetable.Between(onTime.AddTicks(-1), until)], until),
            _ => All(timetable, doneUntil, until),
        };
    }

    /// <summary>Whether there is an occurrence after a time that was due before another.</summary>
    public static bool IsMissing(Timetable timetable, DateTimeOffset doneUntil, DateTimeOffset before) =>
        doneUntil < before && timetable.Next(doneUntil) < before;

    static (IReadOnlyList<DateTimeOffset>, DateTimeOffset) All(Timetable timetable, DateTimeOffset doneUntil, DateTimeOffset until)
    {
        List<DateTimeOffset> occurrences = [.. timetable.Between(doneUntil, until).Take(Most + 1)];
        return occurrences.Count <= Most ? (occurrences, until) : (occurrences[..Most], occurrences[Most - 1]);
    }
}
