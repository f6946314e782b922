using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using MassTransit.Util;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Makes a bus on RabbitMQ as <c>UsingRabbitMq</c> does, with the <see cref="ReconnectPolicy"/> in place of MassTransit's own.</summary>
sealed class ReconnectingBusFactory : TransportRegistrationBusFactory<IRabbitMqReceiveEndpointConfigurator>
{
    // Nobody can acknowledge these messages any more, and the endpoint counts as healthy for as long as it waits.
    static readonly TimeSpan LostChannelTimeout = TimeSpan.FromSeconds(3);

    readonly BusConfiguration _bus;
    readonly Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> _configure;

    public ReconnectingBusFactory(Func<string, IReadOnlyDictionary<string, object>> queueArguments, Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
        : this(new BusConfiguration(new QueueTopologyConfiguration(RabbitMqBusFactory.CreateMessageTopology(), queueArguments)), configure)
    {
    }

    ReconnectingBusFactory(BusConfiguration bus, Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
        : base(bus.Host)
    {
        _bus = bus;
        _configure = configure;
    }

    public override IBusInstance CreateBus(IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName) =>
        CreateBus<RabbitMqBusFactoryConfigurator, IRabbitMqBusFactoryConfigurator>(new RabbitMqBusFactoryConfigurator(_bus), context, Configure, specifications);

    void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        // MassTransit takes this from the host's options, for the time that a channel that is lost waits for its messages in work.
        _bus.Host.StopTimeout = LostChannelTimeout;
        _configure(context, rabbit);
    }

    sealed class BusConfiguration : RabbitMqBusConfiguration, IRabbitMqBusConfiguration
    {
        public BusConfiguration(IRabbitMqTopologyConfiguration topology)
            : base(topology) =>
            Host = new HostConfiguration(this, topology);

        public HostConfiguration Host { get; }

        IRabbitMqHostConfiguration IRabbitMqBusConfiguration.HostConfiguration => Host;

        IHostConfiguration IBusConfiguration.HostConfiguration => Host;

        ConnectHandle IEndpointConfigurationObserverConnector.ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) =>
            Host.ConnectEndpointConfigurationObserver(observer);
    }

    sealed class HostConfiguration : RabbitMqHostConfiguration, IRabbitMqHostConfiguration
    {
        const ushort AccessRefused = 403;
        const ushort PreconditionFailed = 406;

        readonly Recycle<IConnectionContextSupervisor> _connection;

        public HostConfiguration(IRabbitMqBusConfiguration bus, IRabbitMqTopologyConfiguration topology)
            : base(bus, topology) =>
            _connection = new Recycle<IConnectionContextSupervisor>(() => new ConnectionSupervisor(this, topology));

        IConnectionContextSupervisor IRabbitMqHostConfiguration.ConnectionContextSupervisor => _connection.Supervisor;

        public override IRetryPolicy ReceiveTransportRetryPolicy { get; } = new ReconnectPolicy(MayPass);

        public override IRetryPolicy SendTransportRetryPolicy => field ??= new ReconnectPolicy(base.ReceiveTransportRetryPolicy.IsHandled);

        // What a person has to put right is reported once, and not tried again and again: wrong credentials, and a queue that exists with other arguments.
        static bool MayPass(Exception exception)
        {
            for (var cause = exception; cause is not null; cause = cause.InnerException)
            {
                if (cause is AuthenticationFailureException or OperationInterruptedException { ShutdownReason.ReplyCode: AccessRefused or PreconditionFailed })
                    return false;
            }

            return true;
        }
    }
}
