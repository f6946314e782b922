using MassTransit.Configuration;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Makes a bus on RabbitMQ as <c>UsingRabbitMq</c> does, with the <see cref="ReconnectPolicy"/> in place of MassTransit's own.</summary>
sealed class ReconnectingBusFactory : TransportRegistrationBusFactory<IRabbitMqReceiveEndpointConfigurator>
{
    readonly BusConfiguration _bus;
    readonly Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> _configure;

    public ReconnectingBusFactory(IReadOnlyDictionary<string, object> queueArguments, Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
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
        CreateBus(new RabbitMqBusFactoryConfigurator(_bus), context, _configure, specifications);

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

    sealed class HostConfiguration(IRabbitMqBusConfiguration bus, IRabbitMqTopologyConfiguration topology) : RabbitMqHostConfiguration(bus, topology)
    {
        public override IRetryPolicy ReceiveTransportRetryPolicy { get; } = new ReconnectPolicy();

        // Who publishes waits for an answer, and decides on its own how long.
        public override IRetryPolicy SendTransportRetryPolicy => base.ReceiveTransportRetryPolicy;
    }
}
