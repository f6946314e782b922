using System.Collections.Concurrent;
using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.RabbitMqTransport.Topology;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Leaves a queue that is sent to as it is: declaring it is for whoever receives from it. MassTransit's own declares it, without arguments,
/// which the broker refuses for a queue that has some, and which makes a queue of the bus's own of another program's that is not there yet.
/// And has what is sent to a message type's exchange, as a message that was published for later, reach the exchanges of what the type
/// implements: MassTransit's own binds those only for what is published at once.
/// </summary>
sealed class QueueTopologyConfiguration : RabbitMqTopologyConfiguration, IRabbitMqTopologyConfiguration
{
    readonly SendTopology _send;

    public QueueTopologyConfiguration(
        IMessageTopologyConfigurator messages, Func<string, IReadOnlyDictionary<string, object>> queueArguments)
        : base(messages)
    {
        _send = new SendTopology(queueArguments);
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(_send);
        _send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        ((ISendTopologyConfigurator)_send).TryAddConvention(new RoutingKeySendTopologyConvention());
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(
            new PublishToSendTopologyConfigurationObserver(_send));
    }

    ISendTopologyConfigurator ITopologyConfiguration.Send => _send;

    IRabbitMqSendTopologyConfigurator IRabbitMqTopologyConfiguration.Send => _send;

    sealed class SendTopology(Func<string, IReadOnlyDictionary<string, object>> queueArguments)
        : RabbitMqSendTopology(RabbitMqEntityNameValidator.Validator), IRabbitMqSendTopologyConfigurator,
            IPublishTopologyConfigurationObserver
    {
        readonly ConcurrentDictionary<string, Func<BrokerTopology>> _published = new(StringComparer.Ordinal);

        void IPublishTopologyConfigurationObserver.MessageTopologyCreated<T>(IMessagePublishTopologyConfigurator<T> configuration)
        {
            if (configuration is IRabbitMqMessagePublishTopology<T> { Exchange.ExchangeName: { } name } type)
                _published[name] = type.GetBrokerTopology;
        }

        SendSettings IRabbitMqSendTopology.GetSendSettings(RabbitMqEndpointAddress address) =>
            address.BindToQueue ? new QueueSendSettings(address)
                : _published.TryGetValue(address.Name, out var topology) ? new PublishedSendSettings(address, topology)
                : GetSendSettings(address);

        // MassTransit's own declare a queue's dead letters with the arguments of the queue itself.
        ErrorSettings IRabbitMqSendTopology.GetErrorSettings(ReceiveSettings settings) =>
            Declare((RabbitMqErrorSettings)GetErrorSettings(settings));

        MassTransit.RabbitMqTransport.DeadLetterSettings IRabbitMqSendTopology.GetDeadLetterSettings(ReceiveSettings settings) =>
            Declare((RabbitMqDeadLetterSettings)GetDeadLetterSettings(settings));

        T Declare<T>(T deadLetters)
            where T : QueueBindingConfigurator
        {
            deadLetters.QueueArguments.Clear();
            foreach (var (name, value) in queueArguments(deadLetters.QueueName))
                deadLetters.SetQueueArgument(name, value);

            return deadLetters;
        }
    }

    /// <summary>The exchange of a message type, with those of what it implements.</summary>
    sealed class PublishedSendSettings(RabbitMqEndpointAddress address, Func<BrokerTopology> topology)
        : RabbitMqSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => topology();
    }

    /// <summary>The exchange of a queue's name. Nothing is declared for it: the queue is its receiver's.</summary>
    sealed class QueueSendSettings(RabbitMqEndpointAddress address) : RabbitMqSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => new PublishEndpointBrokerTopologyBuilder().BuildBrokerTopology();
    }
}
