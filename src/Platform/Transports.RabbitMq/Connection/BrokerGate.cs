using System.Net.Sockets;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Holds the first connection back until the broker takes one, and tells of the time without: a line when it begins, one a minute, and one
/// when it ends. Without it every
/// endpoint tries, and fails, and writes a stack trace, every second. A login that is refused is final before the first connection, and
/// else one more reason to try again:
/// passwords change, and user databases are away, while a host runs.
/// </summary>
sealed class BrokerGate(TlsClient? tls, BrokerState state, StartFailure failure, IHostApplicationLifetime? host, Outages outages)
{
    const ushort NotAllowed = 530;

    static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);

    volatile bool _isAway;

    /// <summary>Whether the newest try to connect has failed.</summary>
    public bool IsAway => _isAway;

    /// <summary>Whether there has been a connection.</summary>
    public bool HasConnected { get; private set; }

    /// <summary>Whether the host's start is over.</summary>
    public bool HasStarted => host is { ApplicationStarted.IsCancellationRequested: true };

    /// <summary>Completes when the broker takes a connection.</summary>
    /// <exception cref="BusConfigurationException">It refuses the login, and has not taken one before.</exception>
    /// <exception cref="RabbitMqConnectionException">It takes none, and has taken one before.</exception>
    /// <exception cref="OperationCanceledException">The host ends.</exception>
    public async Task Pass(ConnectionFactory factory, BrokerNodes nodes, RabbitMqHostSettings settings)
    {
        var stopping = host?.ApplicationStopping ?? CancellationToken.None;

        while (true)
        {
            try
            {
                await Connect(factory, nodes, settings, stopping);
                break;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // A server that wants a client certificate ends the connection as one does that refuses the login.
                var refused = tls?.Explain(exception)?.TrimEnd('.');
                var cause = CauseOf(exception);
                if (refused is null && !HasConnected && IsRefused(cause))
                {
                    var refusal = Refusal(cause, nodes, settings);
                    failure.Set(refusal);
                    host?.StopApplication();
                    throw refusal;
                }

                // While the bus runs, its endpoints have to know that there is no connection, and try again by themselves.
                var reason = refused ?? Words(cause);
                _isAway = true;
                Log(nodes).Away(reason);
                state.Away = $"RabbitMQ at {nodes} cannot be reached: {reason}.";
                if (HasConnected)
                    throw new RabbitMqConnectionException($"RabbitMQ at {nodes} cannot be reached: {reason}");
            }

            // Many hosts that lose a broker at the same moment do not come back at the same moment.
            await Task.Delay(ShortestPause * (1 + Random.Shared.NextDouble()), stopping);
        }

        HasConnected = true;
        _isAway = false;
        state.Away = null;
        Log(nodes).Back();
    }

    /// <summary>Asks the broker once, before the start, whether it takes the login. One that does not answer is waited for later.</summary>
    /// <exception cref="BusConfigurationException">It refuses the login.</exception>
    public async Task Probe(BrokerNodes nodes, RabbitMqHostSettings settings, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);

        try
        {
            await Connect(settings.GetConnectionFactory(), nodes, settings, limit.Token);
        }
        catch (Exception exception)
        {
            if (tls?.Explain(exception) is null && CauseOf(exception) is var cause && IsRefused(cause))
                throw Refusal(cause, nodes, settings);
        }
    }

    static bool IsRefused(Exception exception) =>
        exception is AuthenticationFailureException or PossibleAuthenticationFailureException
        || exception is OperationInterruptedException { ShutdownReason: { ReplyCode: NotAllowed, ReplyText: var reply } }
            && !IsLimit(reply);

    // RabbitMQ 3.10 and 4.3 answer so, too, while a user, a virtual host or a node has as many connections or channels as it may.
    static bool IsLimit(string reply) =>
        reply.Contains("connection limit (", StringComparison.Ordinal)
        || reply.Contains("connection limit cannot be queried", StringComparison.Ordinal)
        || reply.Contains(" has reached the ", StringComparison.Ordinal);

    // A refusal tells more than a node that is away.
    static Exception CauseOf(Exception exception)
    {
        var causes = new List<Exception>();
        Collect(exception);
        return causes.Find(IsRefused) ?? causes.Find(cause => cause is SocketException) ?? causes[^1];

        void Collect(Exception cause)
        {
            causes.Add(cause);
            if (cause is AggregateException several)
                several.InnerExceptions.ToList().ForEach(Collect);
            else if (cause.InnerException is { } inner)
                Collect(inner);
        }
    }

    static BusConfigurationException Refusal(Exception cause, BrokerNodes nodes, RabbitMqHostSettings settings) => new(
        $"The bus cannot start: RabbitMQ at {nodes} refuses the user '{settings.Username}' and the virtual host "
        + $"'{settings.VirtualHost}' ({Words(cause)}). "
        + "Set Bus:RabbitMq:Username, Password and VirtualHost, or Bus:RabbitMq:Url, to a user that has this virtual host.");

    OutageLog Log(BrokerNodes nodes) => outages.Of($"RabbitMQ at {nodes}");

    static string Words(Exception cause) =>
        (cause is OperationInterruptedException { ShutdownReason.ReplyText: { Length: > 0 } reply } ? reply : cause.Message).TrimEnd('.');

    static async Task Connect(
        ConnectionFactory factory, BrokerNodes nodes, RabbitMqHostSettings settings, CancellationToken cancellationToken)
    {
        await using var connection = await factory.CreateConnectionAsync(nodes, settings.ClientProvidedName, cancellationToken);

        // The client says of a virtual host that it does not know only when something is asked for.
        await using (await connection.CreateChannelAsync(cancellationToken: cancellationToken))
        {
        }

        await connection.CloseAsync(cancellationToken);
    }
}
