using System.Globalization;

namespace Maestro.Bus.Cli;

/// <summary><c>maestro schedules …</c>.</summary>
sealed class ScheduleCommands : CommandGroup
{
    static readonly Argument<string> Name = new("name") { Description = "The schedule's name.", Validators = { NotEmpty } };

    static readonly Option<int> Count = new("--count", "-n") { Description = "How many, at most.", DefaultValueFactory = _ => 10 };

    public override Command Create(
        Terminal terminal) => new Command("schedules", "Recurring work: when it runs, how it went, and running it now.")
    {
        List(terminal),
        new BusCommand("show", "Shows one schedule.", "schedules show nightly-usage").With(Name)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            Show(session, await session.Client.Get(Path(parsed), cancellationToken),
                answer => session.Screen.Table(["", ""], Describe(Read<ScheduleView>(answer))))),
        new BusCommand("next", "Tells when a schedule runs next.", "schedules next nightly-usage -n 5").With(Name, Count)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            Show(session, await session.Client.Get($"{Path(parsed)}/next?count={parsed.GetValue(Count)}", cancellationToken), answer =>
            {
                foreach (var time in Read<DateTimeOffset[]>(answer))
                    session.Screen.Say(Time(time)!);
            })),
        Change("pause", "Stops a schedule from running, until it is resumed.", "is paused", terminal),
        Change("resume", "Lets a schedule run again, from now on.", "runs again", terminal),
        new BusCommand("trigger", "Runs a schedule once, at once.", "schedules trigger nightly-usage").With(Name)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            Show(session, await session.Client.Post($"{Path(parsed)}/trigger", null, cancellationToken), answer =>
                session.Screen.Say($"{parsed.GetValue(Name)} runs: {Read<ScheduleRunView>(answer).Id}"))),
        new BusCommand("delete", "Deletes a schedule. One that is declared comes back with the next start.",
            "schedules delete group:every-hour").With(Name).Does(terminal, async (parsed, session, cancellationToken) =>
        {
            await session.Client.Delete(Path(parsed), cancellationToken);
            session.Screen.Say($"{parsed.GetValue(Name)} is deleted.");
        }),
        new BusCommand("history", "Shows how a schedule's runs went, the newest first.", "schedules history nightly-usage -n 50").With(
            Name, Count).Does(terminal, async (parsed, session, cancellationToken) =>
            Show(session, await session.Client.Get($"{Path(parsed)}/history?count={parsed.GetValue(Count)}", cancellationToken),
                answer => session.Screen.Table(
                ["SCHEDULED", "SENT", "STATE", "ATTEMPTS", "DURATION", "BY", "ERROR"],
                Read<ScheduleRunView[]>(answer).Select(run => (IReadOnlyList<string?>)
                [
                    Time(run.ScheduledAt) + (run.IsManual ? " (triggered)" : ""), Time(run.FiredAt), run.State.ToLowerInvariant(),
                    run.Attempts.ToString(CultureInfo.InvariantCulture),
                    run.Duration is { } duration ? $"{duration:0} ms" : null, run.HandledBy ?? run.FiredBy, run.Error,
                ])))),
    };

    static BusCommand List(Terminal terminal)
    {
        var page = new Option<string?>("--page") { Description = "Go on after this name, as the last page says.", HelpName = "name" };
        var limit = JobOptions.Limit("schedules", 100, 1000);

        return new BusCommand("list", "Lists the schedules.", "schedules list", "schedules list --limit 20").With(page, limit).Does(
            terminal,
            async (parsed, session, cancellationToken) =>
            {
                var query = Query.Of(("page", parsed.GetValue(page)), ("limit", parsed.GetValue(limit)));
                Show(session, await session.Client.Get($"schedules{query}", cancellationToken), answer =>
                {
                    var found = Read<SchedulePage>(answer);
                    session.Screen.Table(
                        ["NAME", "WHEN", "TIME ZONE", "NEXT", "LAST", "STATE"],
                        found.Schedules.Select(schedule => (IReadOnlyList<string?>)
                        [
                            schedule.Name, When(schedule), schedule.TimeZone, Time(schedule.NextAt), Time(schedule.LastRun?.ScheduledAt),
                            schedule.IsPaused ? "paused" : schedule.LastRun?.State.ToLowerInvariant(),
                        ]));
                    if (found.Next is { } next)
                        session.Screen.Say($"There are more: add --page {next}.");
                });
            });
    }

    static void NotEmpty(System.CommandLine.Parsing.ArgumentResult name)
    {
        if (string.IsNullOrWhiteSpace(name.GetValueOrDefault<string>()))
            name.AddError("The name is empty. 'maestro schedules list' tells the names.");
    }

    static BusCommand Change(string verb, string description, string done, Terminal terminal) =>
        new BusCommand(verb, description, $"schedules {verb} nightly-usage").With(Name)
            .Does(terminal, async (parsed, session, cancellationToken) =>
        {
            await session.Client.Post($"{Path(parsed)}/{verb}", null, cancellationToken);
            session.Screen.Say($"{parsed.GetValue(Name)} {done}.");
        });

    static IEnumerable<IReadOnlyList<string?>> Describe(ScheduleView schedule) =>
    [
        ["Name", schedule.Name],
        ["Description", schedule.Description],
        ["When", When(schedule)],
        ["Time zone", $"{schedule.TimeZone}, {schedule.DaylightSaving.ToLowerInvariant()} when clocks change"],
        ["Except", string.Join(", ", schedule.Except)],
        ["Jitter", schedule.Jitter > 0 ? $"{schedule.Jitter} s" : null],
        ["From", Time(schedule.Start)],
        ["To", Time(schedule.End)],
        ["Missed runs", schedule.Misfire],
        ["While one runs", schedule.Overlap == "Skip" ? "the next one is left out" : "the next one waits"],
        ["Sends", $"{schedule.MessageType} to {schedule.Destination}"],
        ["Declared", schedule.IsDeclared ? "by a domain or the configuration" : "at run time"],
        ["State", schedule.IsPaused ? "paused" : "runs"],
        ["Next", Time(schedule.NextAt)],
        ["Problem", schedule.Problem],
        ["Last", schedule.LastRun is { } run ? $"{Time(run.ScheduledAt)}, {run.State.ToLowerInvariant()}" : null],
    ];

    static string When(ScheduleView schedule) => schedule.Cron ?? $"every {TimeSpan.FromSeconds(schedule.Interval ?? 0)}";

    static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    static string Path(ParseResult parsed) => $"schedules/{Uri.EscapeDataString(parsed.GetValue(Name)!)}";

    static T Read<T>(JsonElement answer) => answer.Deserialize<T>(JsonSerializerOptions.Web)!;

    static void Show(Session session, JsonElement answer, Action<JsonElement> show)
    {
        if (session.Screen.IsJson)
            session.Screen.Json(answer);
        else
            show(answer);
    }
}
