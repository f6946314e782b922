using RabbitMQ.Client;

namespace Maestro.Bus.Ledger.Tests;

/// <summary>What the hosts run on.</summary>
abstract class Shape : IAsyncDisposable
{
    protected const string Queue = LedgerDomain.QueueName;

    const int KillsOfAServer = 2;

    readonly TemporaryFolder _folder = new();

    /// <summary>The hosts' settings.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>What kills a server as a power cut would, and starts it again, in this order.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Kills { get; private set; } = [];

    /// <summary>Starts what there is to start.</summary>
    public static async Task<Shape> Start(string name, CancellationToken cancellationToken)
    {
        Shape shape = name switch
        {
            nameof(Sqlite) => new Sqlite(),
            nameof(RabbitMqAndPostgreSql) => new RabbitMqAndPostgreSql(),
            _ => new RabbitMqCluster(),
        };
        shape.Settings["Bus:Data:Folder"] = shape._folder.At("data");
        await shape.Start(cancellationToken);
        shape.Kills = [.. Enumerable.Repeat(shape.Servers, KillsOfAServer).SelectMany(servers => servers)];
        return shape;
    }

    /// <summary>Opens the table.</summary>
    public abstract LedgerContext Open();

    /// <summary>How many messages lie in the queue. Those that a host has are not among them, unless the broker is a file.</summary>
    public abstract Task<long> InQueue(CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    protected abstract IEnumerable<Func<CancellationToken, Task>> Servers { get; }

    protected abstract Task Start(CancellationToken cancellationToken);

    protected string At(string file) => _folder.At(file);

    /// <summary>Two files.</summary>
    public sealed class Sqlite : Shape
    {
        protected override IEnumerable<Func<CancellationToken, Task>> Servers => [];

        public override LedgerContext Open() =>
            new(new DbContextOptionsBuilder<LedgerContext>().UseSqlite($"Data Source={At("state.db")};Pooling=False").Options);

        public override async Task<long> InQueue(CancellationToken cancellationToken)
        {
            await using var broker = new LedgerContext(
                new DbContextOptionsBuilder<LedgerContext>().UseSqlite($"Data Source={At("bus.db")};Pooling=False").Options);
            return await broker.Database.SqlQuery<long>(
                $"SELECT count(*) AS Value FROM delivery JOIN queue ON queue.id = queue_id WHERE name = {Queue}")
                .SingleAsync(cancellationToken);
        }

        protected override Task Start(CancellationToken cancellationToken)
        {
            Settings["Bus:Transport"] = "sqlite";
            Settings["Bus:Sqlite:Path"] = At("bus.db");
            Settings["Bus:Database:Path"] = At("state.db");
            return Task.CompletedTask;
        }
    }

    /// <summary>One RabbitMQ and one PostgreSQL, both of which are killed.</summary>
    public class RabbitMqAndPostgreSql : Shape
    {
        readonly RabbitMqServer _broker = new();
        readonly PostgresServer _postgres = new();
        string _database = "";

        protected virtual string Broker => _broker.Url;

        protected virtual string Reachable => Broker;

        protected override IEnumerable<Func<CancellationToken, Task>> Servers =>
        [
            async cancellationToken =>
            {
                await _broker.Kill();
                await _broker.Start(cancellationToken);
            },
            async cancellationToken =>
            {
                await _postgres.Kill();
                await _postgres.Start(cancellationToken);
            },
        ];

        public override LedgerContext Open() =>
            new(new DbContextOptionsBuilder<LedgerContext>().UseNpgsql(_database + ";Pooling=False").Options);

        public override async Task<long> InQueue(CancellationToken cancellationToken)
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(Reachable) }.CreateConnectionAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await channel.MessageCountAsync(Queue, cancellationToken);
        }

        public override async ValueTask DisposeAsync()
        {
            await _broker.DisposeAsync();
            await _postgres.DisposeAsync();
            await base.DisposeAsync();
        }

        protected virtual Task StartBroker(CancellationToken cancellationToken) => _broker.Start(cancellationToken);

        protected override async Task Start(CancellationToken cancellationToken)
        {
            await StartBroker(cancellationToken);
            await _postgres.Start(cancellationToken);
            _database = await _postgres.CreateDatabase(cancellationToken);
            Settings["Bus:Transport"] = "rabbitmq";
            Settings["Bus:RabbitMq:Url"] = Broker;
            Settings["Bus:Database:Provider"] = "postgresql";
            Settings["Bus:Database:ConnectionString"] = _database;
        }
    }

    /// <summary>Three RabbitMQ nodes, of which the one that leads the queue is killed, and one PostgreSQL, which is left alone.</summary>
    public sealed class RabbitMqCluster : RabbitMqAndPostgreSql
    {
        readonly Testing.RabbitMqCluster _cluster = new();

        protected override string Broker => _cluster.Url;

        protected override string Reachable => _cluster.Nodes[0].Url;

        protected override IEnumerable<Func<CancellationToken, Task>> Servers =>
        [
            async cancellationToken =>
            {
                var leader = await _cluster.LeaderOf(Queue, cancellationToken);
                await leader.Kill();
                await leader.Start(cancellationToken);
            },
        ];

        public override async ValueTask DisposeAsync()
        {
            await _cluster.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override Task StartBroker(CancellationToken cancellationToken) => _cluster.Start(cancellationToken);
    }
}
