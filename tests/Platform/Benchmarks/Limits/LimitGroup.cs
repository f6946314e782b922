using System.Diagnostics;
using System.Net;
using Maestro.Bus.Ledger.Chaos;

namespace Maestro.Bus.Benchmarks;

/// <summary>A time limit of the product's, and how long what it limits has taken.</summary>
/// <param name="Name">What <c>build/bench limits</c> calls it.</param>
/// <param name="Seconds">The limit.</param>
sealed record Limit(string Name, double Seconds)
{
    public List<double> Measured { get; } = [];
}

/// <summary>Limits that are measured together, on servers and hosts of their own.</summary>
/// <param name="limits">The limits, in the order in which a round measures them.</param>
abstract class LimitGroup(params Limit[] limits) : IAsyncDisposable
{
    // Longer than any limit: what is beyond one is to be seen, too.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly List<LedgerProcess> _hosts = [];
    readonly TemporaryFolder _folder = new();

    public IReadOnlyList<Limit> Limits => limits;

    protected RabbitMqServer Broker { get; } = new();

    protected PostgresServer Postgres { get; } = new();

    /// <summary>The connection string of the group's own database on PostgreSQL.</summary>
    protected string Database { get; private set; } = "";

    /// <summary>Starts what all rounds use.</summary>
    public abstract Task Start(CancellationToken cancellationToken);

    /// <summary>Measures each limit once, and leaves everything as it was.</summary>
    public abstract Task Round(int number, CancellationToken cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        await Broker.DisposeAsync();
        await Postgres.DisposeAsync();
        _folder.Dispose();
    }

    protected string At(string file) => _folder.At(file);

    /// <summary>Starts RabbitMQ and PostgreSQL, and gives a host's settings for them.</summary>
    protected async Task<Dictionary<string, string?>> Servers(CancellationToken cancellationToken)
    {
        await Broker.Start(cancellationToken);
        await Postgres.Start(cancellationToken);
        Database = await Postgres.CreateDatabase(cancellationToken);
        return new()
        {
            ["Bus:Data:Folder"] = At("data"),
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = Broker.Url,
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = Database,
        };
    }

    /// <summary>Gives a host's settings for two files.</summary>
    protected Dictionary<string, string?> Files() => new()
    {
        ["Bus:Data:Folder"] = At("data"),
        ["Bus:Transport"] = "sqlite",
        ["Bus:Sqlite:Path"] = At("bus.db"),
        ["Bus:Database:Path"] = At("state.db"),
    };

    /// <summary>Starts a host, and waits until it takes traffic.</summary>
    protected async Task<LedgerProcess> Host(IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var host = new LedgerProcess(settings);
        Track(host);
        host.Start();
        await host.Ready(cancellationToken);
        return host;
    }

    /// <summary>Has a host end with the group.</summary>
    protected void Track(LedgerProcess host) => _hosts.Add(host);

    /// <summary>Measures from now until something is so.</summary>
    /// <exception cref="TimeoutException">It is not so after three minutes.</exception>
    protected Task Until(int limit, Func<Task<bool>> isSo, CancellationToken cancellationToken) =>
        Until(limit, Stopwatch.StartNew(), isSo, cancellationToken);

    /// <summary>Measures from a beginning until something is so.</summary>
    protected async Task Until(int limit, Stopwatch since, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        await Eventually.True(isSo, Patience, limits[limit].Name, cancellationToken);
        limits[limit].Measured.Add(since.Elapsed.TotalSeconds);
    }

    /// <summary>Waits for what is not measured.</summary>
    protected static Task Await(string what, Func<Task<bool>> isSo, CancellationToken cancellationToken) =>
        Eventually.True(isSo, Patience, what, cancellationToken);

    protected Task UntilReady(int limit, LedgerProcess host, bool isReady, CancellationToken cancellationToken) =>
        Until(limit, async () => (await host.Health(cancellationToken) == HttpStatusCode.OK) == isReady, cancellationToken);
}
