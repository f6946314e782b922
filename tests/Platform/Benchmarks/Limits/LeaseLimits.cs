using System.Globalization;
using System.Net;
using Maestro.Bus.Ledger.Chaos;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Benchmarks;

/// <summary>Two hosts on one database, which share what must be done once.</summary>
/// <param name="onFiles">Whether they run on SQLite.</param>
/// <param name="limit">What is measured; the database is added to its name.</param>
/// <param name="seconds">Its limit.</param>
abstract class LeaseLimits(bool onFiles, string limit, double seconds = 10)
    : LimitGroup(new Limit($"{limit}-{(onFiles ? "sqlite" : "postgresql")}", seconds))
{
    protected List<LedgerProcess> Two { get; } = [];

    /// <summary>Starts the two hosts.</summary>
    protected async Task Start(Action<Dictionary<string, string?>> configure, CancellationToken cancellationToken)
    {
        var settings = onFiles ? Files() : await Servers(cancellationToken);
        configure(settings);
        for (var host = 0; host < 2; host++)
            Two.Add(await Host(settings, cancellationToken));
    }

    /// <summary>Asks the database for a text.</summary>
    protected async Task<string?> Text(string statement, CancellationToken cancellationToken)
    {
        if (!onFiles)
            return await OutboxBus.Text(Database, statement, cancellationToken);

        await using var connection = new SqliteConnection($"Data Source={At("state.db")};Pooling=False;Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Asks the database for a host, and gives its process: the last part of its name.</summary>
    protected async Task<int?> Process(string statement, char separator, CancellationToken cancellationToken) =>
        await Text(statement, cancellationToken) is { } host ? int.Parse(host.Split(separator)[^1], CultureInfo.InvariantCulture) : null;
}

/// <summary>Two hosts, one of which stands still with half of the outbox.</summary>
/// <param name="onFiles">Whether they run on SQLite.</param>
sealed class OutboxLeaseLimits(bool onFiles) : LeaseLimits(onFiles, "outbox-taken-over")
{
    // So many keys that each of the 32 partitions has some.
    const int Keys = 200;

    public override async Task Start(CancellationToken cancellationToken)
    {
        await Start(_ => { }, cancellationToken);
        await UntilShared(cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var (frozen, alive) = (Two[number % 2], Two[1 - number % 2]);
        while (!await Sent(number, frozen, alive, cancellationToken))
            await UntilShared(cancellationToken);
        await Until(0, async () => await Count("*", "outbox_message", cancellationToken) == 0, cancellationToken);
        await frozen.Freeze(false);
        await UntilShared(cancellationToken);
        await frozen.Ready(cancellationToken);
    }

    // On SQLite nothing is taken over from a host that stands still within a commit, and the other one reports it.
    static async Task<bool> Sent(int number, LedgerProcess frozen, LedgerProcess alive, CancellationToken cancellationToken)
    {
        await frozen.Freeze(true);

        try
        {
            await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => alive.Send(new Entry($"{number}-{key}", 0), cancellationToken)));
            return true;
        }
        catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            await frozen.Freeze(false);
            await frozen.Ready(cancellationToken);
            return false;
        }
    }

    Task UntilShared(CancellationToken cancellationToken) => Await(
        "two hosts with a part of the outbox each",
        async () => await Count("DISTINCT host", "lease WHERE lease_group = 'outbox' AND host IS NOT NULL", cancellationToken) == 2,
        cancellationToken);

    async Task<int> Count(string what, string table, CancellationToken cancellationToken) => int.Parse(
        (await Text($"SELECT CAST(count({what}) AS text) FROM {table}", cancellationToken))!, CultureInfo.InvariantCulture);
}

/// <summary>Two hosts, of which the one that fires the schedules is killed, or stands still.</summary>
/// <param name="onFiles">Whether they run on SQLite.</param>
/// <param name="isKilled">Whether it is killed.</param>
sealed class ScheduleLeaseLimits(bool onFiles, bool isKilled)
    : LeaseLimits(onFiles, isKilled ? "schedules-taken-over" : "schedules-taken-over-frozen")
{
    public override async Task Start(CancellationToken cancellationToken)
    {
        await Start(
            settings =>
            {
                settings["Bus:Schedules:tick:Cron"] = "* * * * * *";
                settings["Bus:Schedules:tick:Message"] = typeof(Entry).FullName;
                settings["Bus:Schedules:tick:Payload"] = """{"key":"tick","value":0}""";
            },
            cancellationToken);
        await Await("the first run", async () => await Holder(cancellationToken) is not null, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var holder = await Holder(cancellationToken);
        var lost = Two.Single(host => host.Id == holder);
        if (isKilled)
            await lost.Kill();
        else
            await lost.Freeze(true);

        await Until(0, async () => await Holder(cancellationToken) is { } now && now != holder, cancellationToken);

        if (isKilled)
            lost.Start();
        else
            await lost.Freeze(false);
        await lost.Ready(cancellationToken);
    }

    Task<int?> Holder(CancellationToken cancellationToken) =>
        Process("SELECT fired_by FROM schedule_run ORDER BY fired_at DESC LIMIT 1", '-', cancellationToken);
}

/// <summary>
/// Two hosts, of which the one that runs a job stands still. Its jobs are taken back after 30 s without a sign of life
/// (<c>StalledAfter</c>); such signs are given, and looked for, every 5 s.
/// </summary>
/// <param name="onFiles">Whether they run on SQLite.</param>
sealed class JobLeaseLimits(bool onFiles) : LeaseLimits(onFiles, "job-taken-over", 40)
{
    public override Task Start(CancellationToken cancellationToken) => Start(_ => { }, cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var job = NewId.NextGuid();
        await Two[number % 2].Submit(job, new Stay(number), cancellationToken);
        await Await("a host to run the job", async () => await Holder(cancellationToken) is not null, cancellationToken);
        var holder = await Holder(cancellationToken);
        var (lost, alive) = Two[0].Id == holder ? (Two[0], Two[1]) : (Two[1], Two[0]);

        await lost.Freeze(true);
        await Until(0, async () => await Holder(cancellationToken) == alive.Id, cancellationToken);
        await lost.Freeze(false);
        await lost.Ready(cancellationToken);
        await alive.Cancel(job, cancellationToken);
        await Await("the end of the job", async () => await Holder(cancellationToken) is null, cancellationToken);
    }

    Task<int?> Holder(CancellationToken cancellationToken) =>
        Process("SELECT name FROM job_host JOIN job ON job.host = job_host.host LIMIT 1", ':', cancellationToken);
}
