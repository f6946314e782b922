using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Makes the rider of one plug-in.</summary>
sealed class StreamRiderFactory<TPlugin>(
    Func<IServiceProvider, TPlugin> plugin, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure,
    Action<string, IStreamEndpointConfigurator>? endpoint)
    : IRegistrationRiderFactory<StreamRider<TPlugin>>
    where TPlugin : class, IStreamPlugin
{
    public IBusInstanceSpecification CreateRider(IRiderRegistrationContext context) =>
        new Specification(plugin, configure, endpoint, context);

    sealed class Specification(
        Func<IServiceProvider, TPlugin> create, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure,
        Action<string, IStreamEndpointConfigurator>? endpoint, IRiderRegistrationContext context)
        : IBusInstanceSpecification
    {
        public void Configure(IBusInstance bus)
        {
            var plugin = create(context);
            var configurator = new StreamFactoryConfigurator(plugin, endpoint);
            configure(context, configurator);
            var producers = context.GetServices<ProducerTopic<TPlugin>>().ToList();
            foreach (var producer in producers)
                producer.Configure(context);

            var rider = new StreamRider<TPlugin>(bus, plugin, () => create(context), context, configurator.Sends);
            configurator.Build(rider, context, producers.Select(producer => (producer.Topic, producer.MessageType)));
            rider.SettingsOf = (topic, keyType, messageType) => producers.Find(
                producer => producer.Topic == topic && producer.KeyType == keyType && producer.MessageType == messageType)?.Settings;
            rider.Connector = (messageType, topic, group, connected) =>
                configurator.Connect(rider, context, messageType, topic, group, connected);
            bus.Connect<StreamRider<TPlugin>>(rider);
        }

        public IEnumerable<ValidationResult> Validate() => [];
    }
}
