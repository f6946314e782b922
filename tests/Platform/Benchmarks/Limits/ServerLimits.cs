using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Maestro.Bus.Ledger.Chaos;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Maestro.Bus.Benchmarks;

/// <summary>A host whose broker is killed and started again (requirements §11).</summary>
sealed class BrokerAwayLimits() : LimitGroup(new("broker-dead-503", 10), new("broker-back-200", 15))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) =>
        _host = await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Broker.Kill();
        await UntilReady(0, _host, false, cancellationToken);
        await Broker.Start(cancellationToken);
        await UntilReady(1, _host, true, cancellationToken);
    }
}

/// <summary>A host whose broker has an alarm on, and takes no messages.</summary>
sealed class BrokerBlockedLimits() : LimitGroup(new("broker-blocked-503", 10), new("broker-unblocked-200", 15))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) =>
        _host = await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Broker.Control(["set_vm_memory_high_watermark", "absolute", "20MB"], cancellationToken);
        await UntilReady(0, _host, false, cancellationToken);
        await Broker.Control(["set_vm_memory_high_watermark", "0.4"], cancellationToken);
        await UntilReady(1, _host, true, cancellationToken);
    }
}

/// <summary>A host whose database is killed and started again.</summary>
sealed class DatabaseAwayLimits() : LimitGroup(new("database-dead-503", 10), new("database-back-200", 15))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) =>
        _host = await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Postgres.Kill();
        await UntilReady(0, _host, false, cancellationToken);
        await Postgres.Start(cancellationToken);
        await UntilReady(1, _host, true, cancellationToken);
    }
}

/// <summary>A host whose database is a file that another program writes to without an end.</summary>
sealed class FileLockedLimits() : LimitGroup(new("file-locked-503", 10), new("file-unlocked-200", 15))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken) => _host = await Host(Files(), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await using (var connection = new SqliteConnection($"Data Source={At("state.db")};Pooling=False"))
        {
            await connection.OpenAsync(cancellationToken);
            await using var transaction = connection.BeginTransaction(deferred: false);
            await UntilReady(0, _host, false, cancellationToken);
        }

        await UntilReady(1, _host, true, cancellationToken);
    }
}

/// <summary>A host whose outbox sends, and cannot delete what it has sent.</summary>
sealed class OutboxStuckLimits() : LimitGroup(new("outbox-stuck-503", 10), new("outbox-on-200", 15))
{
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken)
    {
        _host = await Host(await Servers(cancellationToken), cancellationToken);
        await Run(
            """
            CREATE TABLE held (id int);
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN WHILE EXISTS (SELECT 1 FROM held) LOOP PERFORM pg_sleep(0.1); END LOOP; RETURN OLD; END';
            CREATE TRIGGER hold BEFORE DELETE ON outbox_message FOR EACH ROW EXECUTE FUNCTION hold()
            """,
            cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Run("INSERT INTO held VALUES (1)", cancellationToken);
        await _host.Send(new Entry("stuck", number), cancellationToken);
        await UntilReady(0, _host, false, cancellationToken);
        await Run("DELETE FROM held", cancellationToken);
        await UntilReady(1, _host, true, cancellationToken);
    }

    async Task Run(string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A host with Kafka, whose broker is killed and started again.</summary>
sealed class KafkaAwayLimits() : LimitGroup(new("kafka-dead-503", 10), new("kafka-back-200", 15))
{
    readonly RealKafkaServer _kafka = new();
    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken)
    {
        await _kafka.Start(cancellationToken);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = LedgerDomain.Topic, NumPartitions = 4 }]);
        var settings = Files();
        settings["Bus:Kafka:BootstrapServers"] = _kafka.BootstrapServers;
        _host = await Host(settings, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await _kafka.Kill(0);
        await UntilReady(0, _host, false, cancellationToken);
        await _kafka.Revive(0);
        await UntilReady(1, _host, true, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _kafka.DisposeAsync();
    }
}

/// <summary>A host that loses its queue with its consumers, and may not declare it again for a while.</summary>
sealed class ConsumersLostLimits() : LimitGroup(new("consumers-lost-503", 10), new("consumers-back-200", 15))
{
    const string User = "limited";

    LedgerProcess _host = null!;

    public override async Task Start(CancellationToken cancellationToken)
    {
        var settings = await Servers(cancellationToken);
        await Broker.Put($"users/{User}", new { password = User, tags = "" }, cancellationToken);
        await MayDeclare(true, cancellationToken);
        settings["Bus:RabbitMq:Url"] = Broker.Url.Replace("guest:guest", $"{User}:{User}", StringComparison.Ordinal);
        _host = await Host(settings, cancellationToken);
    }

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await MayDeclare(false, cancellationToken);
        await Broker.Delete($"queues/%2F/{LedgerDomain.QueueName}", cancellationToken);
        await UntilReady(0, _host, false, cancellationToken);
        await MayDeclare(true, cancellationToken);
        await UntilReady(1, _host, true, cancellationToken);
    }

    Task MayDeclare(bool may, CancellationToken cancellationToken) =>
        Broker.Put($"permissions/%2F/{User}", new { configure = may ? ".*" : "", write = ".*", read = ".*" }, cancellationToken);
}

/// <summary>A queue, an exchange and a binding that somebody deletes.</summary>
sealed class TopologyLimits()
    : LimitGroup(new("queue-declared-again", 30), new("exchange-declared-again", 30), new("binding-declared-again", 30))
{
    const string Queue = LedgerDomain.QueueName;

    static readonly string Binding = $"bindings/%2F/e/{Queue}/q/{Queue}";

    public override async Task Start(CancellationToken cancellationToken) =>
        await Host(await Servers(cancellationToken), cancellationToken);

    public override async Task Round(int number, CancellationToken cancellationToken)
    {
        await Broker.Delete($"queues/%2F/{Queue}", cancellationToken);
        await Until(0, () => Lists("queues/%2F", Queue, cancellationToken), cancellationToken);
        await Await("the binding", () => IsBound(cancellationToken), cancellationToken);
        await Broker.Delete($"exchanges/%2F/{Queue}", cancellationToken);
        await Until(1, () => Lists("exchanges/%2F", Queue, cancellationToken), cancellationToken);
        await Await("the binding", () => IsBound(cancellationToken), cancellationToken);
        await Broker.Delete($"{Binding}/~", cancellationToken);
        await Until(2, () => IsBound(cancellationToken), cancellationToken);
    }

    async Task<bool> Lists(string path, string name, CancellationToken cancellationToken) =>
        (await Broker.Read(path, cancellationToken)).EnumerateArray().Any(found => found.GetProperty("name").GetString() == name);

    async Task<bool> IsBound(CancellationToken cancellationToken) =>
        await Lists("exchanges/%2F", Queue, cancellationToken) && await Lists("queues/%2F", Queue, cancellationToken)
        && (await Broker.Read(Binding, cancellationToken)) is { ValueKind: JsonValueKind.Array } bindings && bindings.GetArrayLength() > 0;
}
