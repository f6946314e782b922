using System.Globalization;
using Maestro.Bus.Ledger.Chaos;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Benchmarks;

/// <summary>One host of the soak with what it runs on.</summary>
abstract class SoakedHost : IAsyncDisposable
{
    const double Mebibyte = 1 << 20;

    readonly TemporaryFolder _folder = new();
    LedgerProcess? _process;

    /// <summary>What the plot calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Where it answers.</summary>
    public Uri Address => _process!.Address;

    /// <summary>Starts the servers and the host, and waits until it takes traffic.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        var settings = await Settings(cancellationToken);
        settings["Bus:Data:Folder"] = At("data");
        // What a day brings about must be seen in an hour: handled messages are remembered for five minutes, and rows are kept as long.
        settings["Bus:Database:Inbox:Window"] = "5m";
        settings["Bus:Database:Inbox:CleanupInterval"] = "10s";
        settings["Bus:Ledger:Keep"] = "5m";
        _process = new LedgerProcess(settings);
        _process.Start();
        await _process.Ready(cancellationToken);
    }

    /// <summary>Measures it.</summary>
    public async Task<Sample> Measure(TimeSpan at, int accepted, CancellationToken cancellationToken)
    {
        const string name = "VmRSS:";
        var resident = File.ReadLines($"/proc/{_process!.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        var kibibytes = double.Parse(resident[name.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
        var handles = Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count();
        var (bytes, rows) = (await Bytes(cancellationToken), await Rows(cancellationToken));
        return new Sample(at, accepted, kibibytes / 1024, handles, bytes / Mebibyte, rows);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.Stop(CancellationToken.None);
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    protected string At(string file) => _folder.At(file);

    protected abstract Task<Dictionary<string, string?>> Settings(CancellationToken cancellationToken);

    /// <summary>How large its files are: what it keeps in the database, and in the broker where that is a file of its own.</summary>
    protected abstract Task<double> Bytes(CancellationToken cancellationToken);

    /// <summary>How many rows there are in the tables that messages go through.</summary>
    protected abstract Task<long> Rows(CancellationToken cancellationToken);
}

/// <summary>A host on two files.</summary>
sealed class SoakedSqliteHost : SoakedHost
{
    public override string Name => "SQLite";

    protected override Task<Dictionary<string, string?>> Settings(CancellationToken cancellationToken) =>
        Task.FromResult(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "sqlite",
            ["Bus:Sqlite:Path"] = At("bus.db"),
            ["Bus:Database:Path"] = At("state.db"),
        });

    protected override Task<double> Bytes(CancellationToken cancellationToken) => Task.FromResult(
        (double)Directory.EnumerateFiles(Path.GetDirectoryName(At("bus.db"))!, "*.db*").Sum(file => new FileInfo(file).Length));

    protected override async Task<long> Rows(CancellationToken cancellationToken) =>
        await Count("bus.db", "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM delivery)", cancellationToken)
        + await Count("state.db", SoakedTables.Count, cancellationToken);

    async Task<long> Count(string file, string statement, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={At(file)};Pooling=False;Mode=ReadOnly");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>A host on RabbitMQ and PostgreSQL.</summary>
sealed class SoakedServersHost : SoakedHost
{
    readonly RabbitMqServer _broker = new();
    readonly PostgresServer _postgres = new();
    string _database = "";

    public override string Name => "RabbitMQ + PostgreSQL";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _broker.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override async Task<Dictionary<string, string?>> Settings(CancellationToken cancellationToken)
    {
        await _broker.Start(cancellationToken);
        await _postgres.Start(cancellationToken);
        _database = await _postgres.CreateDatabase(cancellationToken);
        return new()
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = _broker.Url,
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = _database,
        };
    }

    protected override async Task<double> Bytes(CancellationToken cancellationToken) =>
        await OutboxBus.Execute(_database, "SELECT pg_database_size(current_database())", cancellationToken);

    protected override async Task<long> Rows(CancellationToken cancellationToken)
    {
        var queues = await _broker.Read("queues/%2F", cancellationToken);
        var waiting = queues.EnumerateArray().Sum(queue => queue.TryGetProperty("messages", out var messages) ? messages.GetInt64() : 0);
        return waiting + await OutboxBus.Execute(_database, SoakedTables.Count, cancellationToken);
    }
}

static class SoakedTables
{
    /// <summary>Counts the rows of all tables of the database that messages go through.</summary>
    public const string Count = """
        SELECT (SELECT count(*) FROM ledger_row) + (SELECT count(*) FROM inbox_state) + (SELECT count(*) FROM outbox_message)
            + (SELECT count(*) FROM dead_letter) + (SELECT count(*) FROM idempotency_claim) + (SELECT count(*) FROM bus_suspect)
            + (SELECT count(*) FROM bus_process) + (SELECT count(*) FROM schedule_message) + (SELECT count(*) FROM job)
        """;
}

/// <summary>What was measured of a host at one moment.</summary>
/// <param name="At">How long after the begin.</param>
/// <param name="Accepted">How many messages had been accepted.</param>
/// <param name="Memory">Its resident memory, in MiB.</param>
/// <param name="Handles">Its open handles: files and connections.</param>
/// <param name="Files">How large its files are, in MiB.</param>
/// <param name="Rows">How many rows its tables have.</param>
sealed record Sample(TimeSpan At, int Accepted, double Memory, double Handles, double Files, double Rows)
{
    /// <summary>The figures as comma-separated values.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture, $"{At.TotalSeconds:0},{Accepted},{Memory:0.0},{Handles},{Files:0.00},{Rows}");

    /// <summary>Reads them.</summary>
    public static Sample Parse(string line)
    {
        var figures = line.Split(',').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToList();
        return new Sample(TimeSpan.FromSeconds(figures[0]), (int)figures[1], figures[2], figures[3], figures[4], figures[5]);
    }
}
