using System.Collections.Concurrent;
using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.RabbitMqTransport.Topology;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Changes what MassTransit declares for a send. A queue is not declared: that is its receiver's task. MassTransit declares it without
/// arguments, which the broker refuses for a queue that has some, and which creates a queue that another program has not created yet. The
/// exchange of a message type is declared with its bindings to the exchanges of its interfaces and base types. MassTransit declares those
/// bindings for a publish only, and a scheduled publish is a send.
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
