using System.Globalization;

namespace Maestro.Bus.Cli;

/// <summary>Shows jobs to people.</summary>
static class JobTables
{
    // A job may hold thousands of recipients.
    const int MostCharacters = 2_000;

    public static void Jobs(Screen screen, IReadOnlyList<JobView> jobs) => screen.Table(
        ["ID", "KIND", "STATE", "PROGRESS", "TENANT", "ATTEMPTS", "CREATED", "REASON"],
        jobs.Select(job =>
            new[] { $"{job.Id}", job.Type, job.State, Progress(job), job.Tenant, $"{job.Attempts}", Time(job.Created), job.Reason }));

    public static void Job(Screen screen, JobView job)
    {
        List<(string Name, string? Value)> rows =
        [
            ("id", $"{job.Id}"),
            ("kind", job.Type),
            ("state", job.State),
            ("progress", Progress(job)),
            ("reason", job.Reason),
            ("priority", $"{job.Priority}"),
            ("tenant", job.Tenant),
            ("attempts", $"{job.Attempts} begun, {job.Failures} failed, {job.Stalls} stalled"),
            ("created", Time(job.Created)),
            ("due", Time(job.Due)),
            ("started", job.Started is { } started ? Time(started) : null),
            ("ended", job.Ended is { } ended ? Time(ended) : null),
            ("batch", job.Batch?.ToString()),
            ("parent", job.Parent?.ToString()),
            ("children", job.Children > 0 ? $"{job.Children} not ended" : null),
            ("job", Short(job.Job?.GetRawText())),
            ("saved", Short(job.Saved?.GetRawText())),
            ("exceptions", Short(job.Exceptions?.GetRawText())),
        ];
        screen.Table(["", ""], rows.Where(row => !string.IsNullOrEmpty(row.Value)).Select(row => new[] { row.Name, row.Value }));
    }

    public static void Lines(Screen screen, IEnumerable<JobLogView> lines)
    {
        foreach (var line in lines)
            screen.Say(Line(line));
    }

    public static string Line(JobLogView line) =>
        $"{Time(line.Time)} #{line.Attempt} {line.Level,-11} {string.Join(
            Environment.NewLine, line.Text.Split('\n').Select(text => Screen.Printable(text.TrimEnd('\r'))))}";

    public static string? Progress(JobView job) => job switch
    {
        { Progress: null } => null,
        { ProgressLimit: > 0 and var limit } =>
            string.Create(CultureInfo.InvariantCulture, $"{job.Progress}/{limit} ({100.0 * job.Progress / limit:0} %)"),
        _ => $"{job.Progress}",
    };

    static string? Short(string? json) => json is { Length: > MostCharacters }
        ? string.Create(CultureInfo.InvariantCulture, $"{json[..MostCharacters]}… ({json.Length:#,0} characters; --json shows them all)")
        : json;

    static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
