using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Lets hosts receive from a queue only if they share their state. The queue's state is noted at the broker, in an argument of an exchange
/// that nobody publishes to: whoever declares it first decides, the broker refuses a declaration with another argument, and no policy
/// removes an exchange. It outlives all hosts, as the state does.
/// </summary>
sealed partial class StateClaim(string? replaced) : IStartProbe
{
    const string Argument = "alternate-exchange";
    const string Nobody = "nobody";
    const ushort NotFound = 404;
    const ushort PreconditionFailed = 406;

    static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);

    // Dead letters are those of a queue that is claimed.
    readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);
    Func<CancellationToken, Task<IConnection>>? _connect;
    IStateIdentity? _state;

    /// <summary>Notes a queue that the host receives from.</summary>
    public void Add(string queue)
    {
        if (QueueArguments.DeadLettersOf(queue) is not null)
            _queues[queue] = true;
    }

    /// <summary>Claims for a state from now on.</summary>
    /// <param name="state">The host's state; null if it has none.</param>
    /// <param name="connect">Makes a connection beside the bus's own.</param>
    public void Use(IStateIdentity? state, Func<CancellationToken, Task<IConnection>> connect) => (_state, _connect) = (state, connect);

    /// <summary>Claims a queue for this host's state, before it receives from it.</summary>
    /// <exception cref="BusConfigurationException">The queue belongs to another state.</exception>
    public async Task Claim(ChannelContext context, string queue)
    {
        if (!_queues.ContainsKey(queue) || _state is null || await _state.Find(context.CancellationToken) is not { } own)
            return;

        var connection = context.ConnectionContext;
        if (await Refusal(Channel, queue, own.Id ?? Nobody, context.CancellationToken) is not { } other)
            return;

        if (other == replaced)
        {
            await using (var channel = await Channel())
                await channel.ExchangeDeleteAsync(NameOf(queue), cancellationToken: context.CancellationToken);
            if (await Refusal(Channel, queue, own.Id ?? Nobody, context.CancellationToken) is null)
                return;
        }

        throw Refused(queue, other, own);

        Task<IChannel> Channel() => connection.CreateChannel(null, context.CancellationToken);
    }

    /// <summary>
    /// Asks once, before the start, whether the queues belong to another state. A broker that does not answer is waited for later, and a
    /// queue that nobody has claimed is claimed then.
    /// </summary>
    /// <exception cref="BusConfigurationException">A queue belongs to another state.</exception>
    public async Task Run(CancellationToken cancellationToken)
    {
        if (_state is null || _connect is null)
            return;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);

        try
        {
            await using var connection = await _connect(limit.Token);
            foreach (var queue in _queues.Keys.Order(StringComparer.Ordinal))
                await Check(connection, queue, limit.Token);
        }
        catch (Exception exception) when (exception is not BusConfigurationException)
        {
            // Whatever the broker or the database does not tell now, the queue's own claim finds out.
        }
    }

    async Task Check(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        // First the claim: whoever has made it has a state by then, which may be this one.
        if (!await IsClaimed(connection, queue, cancellationToken) || await _state!.Find(cancellationToken) is not { } own)
            return;

        if (await Refusal(Channel, queue, own.Id ?? Nobody, cancellationToken) is { } other && other != replaced)
            throw Refused(queue, other, own);

        Task<IChannel> Channel() => connection.CreateChannelAsync(cancellationToken: cancellationToken);
    }

    static async Task<bool> IsClaimed(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);

        try
        {
            await channel.ExchangeDeclarePassiveAsync(NameOf(queue), cancellationToken);
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: NotFound })
        {
            return false;
        }
    }

    // Null if the queue is this state's, or else the one that it belongs to. The broker closes the channel of whoever is refused. A channel
    // of its own, too, for an exchange that is never declared again from memory: another state may have it then.
    static async Task<string?> Refusal(Func<Task<IChannel>> open, string queue, string own, CancellationToken cancellationToken)
    {
        await using var channel = await open();

        try
        {
            await channel.ExchangeDeclareAsync(
                NameOf(queue), ExchangeType.Fanout, durable: true, autoDelete: false, new Dictionary<string, object?> { [Argument] = own },
                cancellationToken: cancellationToken);
            return null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed } reason)
        {
            return Current().Match(reason.ReplyText).Groups[1].Value;
        }
    }

    static BusConfigurationException Refused(string queue, string other, StateIdentity own) => new(
        $"The queue '{queue}' belongs to hosts with another state, {other}; this host has {own.Place}, {own.Id ?? "which is new"}. "
        + $"Sagas, inbox and schedules would be split between them: {own.Remedy}. "
        + $"If the other state is gone for good, start once with Bus:RabbitMq:ReplacedState={other}.");

    static string NameOf(string queue) => $"{queue}.state";

    [GeneratedRegex("current is '([^']*)'")]
    private static partial Regex Current();
}
