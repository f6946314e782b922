using System.Globalization;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>
/// When schedules run over ten years in the world's time zones, against an independent calculation: <c>zdump</c> tells how this machine's
/// zone files change the clocks, and each wall time is mapped
/// to instants by itself. <c>BUS_TEST_LONG=1</c> takes all zones.
/// </summary>
public sealed class ZoneTests
{
    static readonly DateTime Begin = new(2026, 1, 1);
    static readonly DateTime End = new(2036, 1, 1);

    // Every kind of rule: none, both hemispheres, half hours, two hours, midnight, Ramadan, quarter offsets, and both ends of the day.
    static readonly string[] Usual =
    [
        "UTC", "Etc/GMT+12", "Pacific/Kiritimati", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Cairo", "Africa/Johannesburg",
        "America/New_York", "America/Chicago", "America/Phoenix",
        "America/Los_Angeles", "America/Anchorage", "America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion",
        "America/Sao_Paulo", "America/Nuuk", "America/Scoresbysund",
        "America/Miquelon", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata",
        "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores",
        "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin",
        "Europe/London", "Pacific/Auckland", "Pacific/Chatham",
        "Pacific/Easter", "Pacific/Norfolk",
    ];

    static readonly Expression[] Expressions =
    [
        new("30 2 * * *", false, day => true, [(2, 30)]),
        new("0 0 * * *", false, day => true, [(0, 0)]),
        new("45 23,0,1 * * *", false, day => true, [(0, 45), (1, 45), (23, 45)]),
        new("15 2,3 * * 7", false, day => day.DayOfWeek == DayOfWeek.Sunday, [(2, 15), (3, 15)]),
        new("20 1-3 * * *", true, day => true, [(1, 20), (2, 20), (3, 20)]),
        new("59 23 L * *", false, day => day.AddDays(1).Day == 1, [(23, 59)]),
        new("*/30 * * * *", true, day => true, [.. Enumerable.Range(0, 48).Select(half => (half / 2, half % 2 * 30))],
            IsAroundChanges: true),
    ];

    [Fact]
    public async Task Schedules_run_when_the_zone_files_of_this_machine_say()
    {
        Assert.SkipWhen(Tool() is null, "This machine has no zdump.");
        var offsets = await Offsets(LongSuite.IsOn ? All() : Usual);
        Assert.Equal(LongSuite.IsOn ? All().Length : Usual.Length, offsets.Count);

        List<string> differences = [];
        Parallel.ForEach(offsets, new ParallelOptions { MaxDegreeOfParallelism = 2 }, zone =>
        {
            foreach (var expression in Expressions)
            {
                foreach (var rule in Enum.GetValues<DaylightSavingRule>())
                {
                    if (Difference(zone.Key, zone.Value, expression, rule) is { } difference)
                    {
                        lock (differences)
                            differences.Add($"{zone.Key} {expression.Cron} {rule}: {difference}");
                    }
                }
            }
        });

        Assert.True(differences.Count == 0, $"{differences.Count} differences: {string.Join("; ", differences.Order().Take(20))}");
    }

    static string? Difference(string zone, Change[] changes, Expression expression, DaylightSavingRule rule)
    {
        var expected = Expected(changes, expression, rule);
        var timetable = new Timetable(Definitions.Of(new() { Cron = expression.Cron, TimeZone = zone, DaylightSaving = rule }));
        var next = new DateTimeOffset(expected[0], TimeSpan.Zero).AddSeconds(-1);

        foreach (var time in expected)
        {
            // Where only the days around changes are expected, what comes between is passed over.
            if (time - next.UtcDateTime > TimeSpan.FromDays(1) && expression.IsAroundChanges)
                next = new DateTimeOffset(time, TimeSpan.Zero).AddSeconds(-1);

            if ((next = timetable.Next(next) ?? default).UtcDateTime != time)
                return $"expected {time:O}, found {next:O}";
        }

        return null;
    }

    /// <summary>
    /// Each wall time's instants: all at which the clocks show it, or, if they never do, the one at which they jump over it.
    /// </summary>
    static List<DateTime> Expected(Change[] changes, Expression expression, DaylightSavingRule rule)
    {
        List<DateTime> instants = [];
        List<DateTime> found = [];
        var first = 0;
        for (var day = Begin; day < End; day = day.AddDays(1))
        {
            // Changes that are days away have no say.
            while (changes[first].To < day.AddDays(-2))
                first++;

            var isNear = changes.Any(change => change.From > day.AddDays(-2) && change.From < day.AddDays(3));
            if (expression.Days(day) && (!expression.IsAroundChanges || isNear || day < Begin.AddDays(3)))
            {
                foreach (var (hour, minute) in expression.Times)
                {
                    var wall = day.Add(new TimeSpan(hour, minute, 0));
                    found.Clear();
                    for (var index = first; index < changes.Length && changes[index].From < day.AddDays(3); index++)
                    {
                        if (wall - changes[index].Offset is var instant && instant >= changes[index].From && instant < changes[index].To)
                            found.Add(instant);
                    }

                    if (found.Count == 0 && rule == DaylightSavingRule.Adjust)
                        instants.Add(
                            changes.Single(change => change.From + change.OffsetBefore <= wall && change.From + change.Offset > wall).From);
                    else if (found.Count > 0)
                        instants.AddRange(found.Take(expression.Repeats && rule == DaylightSavingRule.Adjust ? found.Count : 1));
                }
            }
        }

        instants.Sort();
        return [.. instants.Distinct()];
    }

    static string? Tool() => new[] { "/usr/bin/zdump", "/usr/sbin/zdump" }.FirstOrDefault(File.Exists);

    static string[] All() =>
    [
        .. File.ReadLines("/usr/share/zoneinfo/tzdata.zi").Select(line => line.Split(' ')).Where(words => words[0] is "Z" or "L")
            .Select(words => words[0] == "Z" ? words[1] : words[2])
            .Where(zone => File.Exists($"/usr/share/zoneinfo/{zone}")).Distinct().Order(StringComparer.Ordinal),
    ];

    // "Europe/Berlin  Sun Mar 29 01:00:00 2026 UT = Sun Mar 29 03:00:00 2026 CEST isdst=1 gmtoff=7200", and before each change the second
    // before it.
    static async Task<Dictionary<string, Change[]>> Offsets(string[] zones)
    {
        Dictionary<string, Change[]> offsets = [];
        var lines = (await Dump(["-v", "-c", "1850,2045", .. zones])).Where(line => line.Contains(" gmtoff=", StringComparison.Ordinal))
            .ToLookup(line => line.Split(' ')[0]);

        foreach (var zone in zones)
        {
            List<(DateTime Instant, TimeSpan Offset)> known = [.. lines[zone].Select(Read)];
            if (known.Count == 0)
                known.Add((DateTime.MinValue, await Fixed(zone)));

            // Two lines for each change: its last second before, and its first after.
            List<Change> changes = [new(DateTime.MinValue, DateTime.MaxValue, known[0].Offset, known[0].Offset)];
            foreach (var (instant, offset) in known.Skip(1).Where(entry => entry.Offset != changes[^1].Offset))
            {
                changes.Add(new(instant, DateTime.MaxValue, offset, changes[^1].Offset));
                changes[^2] = changes[^2] with { To = instant };
            }

            offsets[zone] = [.. changes.Where(change => change.To > Begin.AddDays(-7) && change.From < End.AddDays(7))];
        }

        return offsets;
    }

    static (DateTime, TimeSpan) Read(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (
            DateTime.ParseExact(string.Join(' ', words[2..6]), "MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(int.Parse(words[^1]["gmtoff=".Length..], CultureInfo.InvariantCulture)));
    }

    // A zone that has never changed, such as EST or Etc/GMT+5: what its clock shows beside that of UTC, "EST  Sun Nov 29 07:57:00 2026
    // EST".
    static async Task<TimeSpan> Fixed(string zone)
    {
        var shown = (await Dump([zone, "UTC"]))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => DateTime.ParseExact(string.Join(' ', words[2..6]), "MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture))
            .ToList();
        return TimeSpan.FromMinutes(15 * Math.Round((shown[0] - shown[1]).TotalMinutes / 15));
    }

    static async Task<string[]> Dump(IEnumerable<string> arguments)
    {
        using var process = ChildProcesses.Start(
            new System.Diagnostics.ProcessStartInfo(Tool()!, arguments) { RedirectStandardOutput = true });
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    sealed record Expression(
        string Cron, bool Repeats, Func<DateTime, bool> Days, (int Hour, int Minute)[] Times, bool IsAroundChanges = false);

    sealed record Change(DateTime From, DateTime To, TimeSpan Offset, TimeSpan OffsetBefore);
}
