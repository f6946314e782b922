using System.Text.Json;
using MaestroBus.Ledger.Chaos;

namespace MaestroBus.Benchmarks;

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
