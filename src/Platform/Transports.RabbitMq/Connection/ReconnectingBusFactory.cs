using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using MassTransit.Util;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Makes a bus on RabbitMQ as <c>UsingRabbitMq</c> does, with the <see cref="ReconnectPolicy"/> in place of MassTransit's own.
/// </summary>
sealed class ReconnectingBusFactory : TransportRegistrationBusFactory<IRabbitMqReceiveEndpointConfigurator>
{
    // Nobody can acknowledge these messages any more, and the endpoint counts as healthy for as long as it waits.
    static readonly TimeSpan LostChannelTimeout = TimeSpan.FromSeconds(3);

    readonly BusConfiguration _bus;
    readonly IReadOnlyList<BrokerNode> _nodes;
    readonly TlsClient? _tls;
    readonly BrokerState _state;
    readonly Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> _configure;

    public ReconnectingBusFactory(
        Func<string, IReadOnlyDictionary<string, object>> queueArguments,
        IReadOnlyList<BrokerNode> nodes,
        TlsClient? tls,
        BrokerState state,
        TopologyKeeper keeper,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
        : this(
            new BusConfiguration(new QueueTopologyConfiguration(RabbitMqBusFactory.CreateMessageTopology(), queueArguments), keeper),
            nodes, tls, state, configure)
    {
    }

    ReconnectingBusFactory(
        BusConfiguration bus, IReadOnlyList<BrokerNode> nodes, TlsClient? tls, BrokerState state,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
        : base(bus.Host)
    {
        _bus = bus;
        _nodes = nodes;
        _tls = tls;
        _state = state;
        _configure = configure;
    }

    /// <summary>The settings of the bus that has been made.</summary>
    public BrokerHostSettings? Host { get; private set; }

    public override IBusInstance CreateBus(
        IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName)
    {
        var gate = new BrokerGate(
            _tls,
            _state,
            context.GetRequiredService<StartFailure>(),
            context.GetService<IHostApplicationLifetime>(),
            context.GetRequiredService<Outages>());
        _bus.Host.Gate = gate;
        LogContext.ConfigureCurrentLogContext(new QuietLoggers(context.GetRequiredService<ILoggerFactory>(), gate));

        return CreateBus<RabbitMqBusFactoryConfigurator, IRabbitMqBusFactoryConfigurator>(
            new RabbitMqBusFactoryConfigurator(_bus), context, Configure, specifications);
    }

    void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        // MassTransit takes this from the host's options, for the time that a channel that is lost waits for its messages in work.
        _bus.Host.StopTimeout = LostChannelTimeout;
        _configure(context, rabbit);

        _bus.Host.Settings = Host = new BrokerHostSettings(_bus.Host.Settings, _nodes, _tls, _bus.Host.Gate!);
    }

    sealed class BusConfiguration : RabbitMqBusConfiguration, IRabbitMqBusConfiguration
    {
        public BusConfiguration(IRabbitMqTopologyConfiguration topology, TopologyKeeper keeper)
            : base(topology) =>
            Host = new HostConfiguration(this, topology, keeper);

        public HostConfiguration Host { get; }

        IRabbitMqHostConfiguration IRabbitMqBusConfiguration.HostConfiguration => Host;

        IHostConfiguration IBusConfiguration.HostConfiguration => Host;

        ConnectHandle IEndpointConfigurationObserverConnector.ConnectEndpointConfigurationObserver(
            IEndpointConfigurationObserver observer) =>
            Host.ConnectEndpointConfigurationObserver(observer);
    }

    sealed class HostConfiguration : RabbitMqHostConfiguration, IRabbitMqHostConfiguration
    {
        const ushort AccessRefused = 403;
        const ushort PreconditionFailed = 406;

        readonly Recycle<IConnectionContextSupervisor> _connection;

        public HostConfiguration(IRabbitMqBusConfiguration bus, IRabbitMqTopologyConfiguration topology, TopologyKeeper keeper)
            : base(bus, topology) =>
            _connection = new Recycle<IConnectionContextSupervisor>(() => new ConnectionSupervisor(this, topology, keeper));

        IConnectionContextSupervisor IRabbitMqHostConfiguration.ConnectionContextSupervisor => _connection.Supervisor;

        /// <summary>Knows whether there has been a connection, and whether the host has started.</summary>
        public BrokerGate? Gate { get; set; }

        public override IRetryPolicy ReceiveTransportRetryPolicy => field ??= new ReconnectPolicy(MayPass);

        public override IRetryPolicy SendTransportRetryPolicy => field ??= new ReconnectPolicy(base.ReceiveTransportRetryPolicy.IsHandled);

        // What a person has to put right ends a start: a queue that exists with other arguments, and, before the first connection, a login
        // that is refused. While a host runs, nobody but the endpoint itself finds out that it has been put right.
        bool MayPass(Exception exception)
        {
            for (var cause = exception; cause is not null; cause = cause.InnerException)
            {
                if (cause is BusConfigurationException or OperationInterruptedException { ShutdownReason.ReplyCode: PreconditionFailed })
                    return Gate is { HasStarted: true };
                if (cause is OperationInterruptedException { ShutdownReason.ReplyCode: AccessRefused })
                    return Gate is { HasConnected: true };
            }

            return true;
        }
    }
}
