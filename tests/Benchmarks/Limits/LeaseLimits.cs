using System.Globalization;
using MaestroBus.Ledger.Chaos;
using Microsoft.Data.Sqlite;

namespace MaestroBus.Benchmarks;

/// <summary>Two hosts, one of which stands still with half of the outbox.</summary>
sealed class OutboxLeaseLimits() : LimitGroup(new Limit("outbox-taken-over", 10))
{
    // So many keys that each of the 32 partitions has some.
    const int Keys = 200;

    readonly List<LedgerProcess> _two = [];

    public override async Task Start(CancellationToken cancellationToken)
    {
        var settings = await Servers(cancellationToken);
        for (var host = 0; host < 2; host++)
            _two.Add(await Host(settings, cancellationToken));
        await Await("two hosts with a part of the outbox each", async () => await Holders(cancellationToken) == 2, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var (frozen, alive) = (_two[number % 2], _two[1 - number % 2]);
        await frozen.Freeze(true);
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => alive.Send(new Entry($"{number}-{key}", 0), cancellationToken)));
        await Until(0, async () => await Count("SELECT count(*) FROM outbox_message", cancellationToken) == 0, cancellationToken);
        await frozen.Freeze(false);
        await Await("two hosts with a part of the outbox each", async () => await Holders(cancellationToken) == 2, cancellationToken);
        await frozen.Ready(cancellationToken);
    }

    Task<long> Holders(CancellationToken cancellationToken) =>
        Count("SELECT count(DISTINCT host) FROM lease WHERE lease_group = 'outbox' AND host IS NOT NULL", cancellationToken);

    Task<long> Count(string statement, CancellationToken cancellationToken) => OutboxBus.Execute(Database, statement, cancellationToken);
}

/// <summary>Two hosts, of which the one that fires the schedules is killed.</summary>
/// <param name="onFiles">Whether they run on SQLite.</param>
sealed class ScheduleLeaseLimits(bool onFiles)
    : LimitGroup(new Limit(onFiles ? "schedules-taken-over-sqlite" : "schedules-taken-over-postgresql", 10))
{
    const string LastFirer = "SELECT fired_by FROM schedule_run ORDER BY fired_at DESC LIMIT 1";

    readonly List<LedgerProcess> _two = [];

    public override async Task Start(CancellationToken cancellationToken)
    {
        var settings = onFiles ? Files() : await Servers(cancellationToken);
        settings["Bus:Schedules:tick:Cron"] = "* * * * * *";
        settings["Bus:Schedules:tick:Message"] = typeof(Entry).FullName;
        settings["Bus:Schedules:tick:Payload"] = """{"key":"tick","value":0}""";
        for (var host = 0; host < 2; host++)
            _two.Add(await Host(settings, cancellationToken));
        await Await("the first run", async () => await Holder(cancellationToken) is not null, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        var holder = await Holder(cancellationToken);
        var dies = _two.Single(host => host.Id == holder);
        await dies.Kill();
        await Until(0, async () => await Holder(cancellationToken) is { } now && now != holder, cancellationToken);
        dies.Start();
        await dies.Ready(cancellationToken);
    }

    // The process is the last part of what fires.
    async Task<int?> Holder(CancellationToken cancellationToken)
    {
        var firer = onFiles ? await OnFiles(cancellationToken) : await OutboxBus.Text(Database, LastFirer, cancellationToken);
        return firer is null ? null : int.Parse(firer.Split('-')[^1], CultureInfo.InvariantCulture);
    }

    async Task<string?> OnFiles(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={At("state.db")};Pooling=False;Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = LastFirer;
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
