using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Transports;

namespace MaestroBus.Riders;

/// <summary>Makes the rider of one plug-in.</summary>
sealed class StreamRiderFactory<TPlugin>(Func<IServiceProvider, TPlugin> plugin, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure)
    : IRegistrationRiderFactory<StreamRider<TPlugin>>
    where TPlugin : class, IStreamPlugin
{
    public IBusInstanceSpecification CreateRider(IRiderRegistrationContext context) => new Specification(plugin, configure, context);

    sealed class Specification(
        Func<IServiceProvider, TPlugin> create, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure, IRiderRegistrationContext context)
        : IBusInstanceSpecification
    {
        public void Configure(IBusInstance bus)
        {
            var plugin = create(context);
            var configurator = new StreamFactoryConfigurator(plugin);
            configure(context, configurator);
            var rider = new StreamRider<TPlugin>(bus, plugin, context, configurator.Sends);
            configurator.Build(rider, context, context.GetServices<ProducerTopic<TPlugin>>().Select(producer => (producer.Topic, producer.MessageType)));
            bus.Connect<StreamRider<TPlugin>>(rider);
        }

        public IEnumerable<ValidationResult> Validate() => [];
    }
}
