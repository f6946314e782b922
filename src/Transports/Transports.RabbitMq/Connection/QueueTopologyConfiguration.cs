using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.RabbitMqTransport.Topology;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>
/// Declares a queue that is sent to as its consumer declares it. MassTransit's own declares it without arguments, which the broker refuses for a queue that has some,
/// such as every quorum queue.
/// </summary>
sealed class QueueTopologyConfiguration : RabbitMqTopologyConfiguration, IRabbitMqTopologyConfiguration
{
    readonly SendTopology _send;

    public QueueTopologyConfiguration(IMessageTopologyConfigurator messages, Func<string, IReadOnlyDictionary<string, object>> queueArguments)
        : base(messages)
    {
        _send = new SendTopology(queueArguments);
        _send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        ((ISendTopologyConfigurator)_send).TryAddConvention(new RoutingKeySendTopologyConvention());
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(new PublishToSendTopologyConfigurationObserver(_send));
    }

    ISendTopologyConfigurator ITopologyConfiguration.Send => _send;

    IRabbitMqSendTopologyConfigurator IRabbitMqTopologyConfiguration.Send => _send;

    sealed class SendTopology(Func<string, IReadOnlyDictionary<string, object>> queueArguments) : RabbitMqSendTopology(RabbitMqEntityNameValidator.Validator), IRabbitMqSendTopologyConfigurator
    {
        SendSettings IRabbitMqSendTopology.GetSendSettings(RabbitMqEndpointAddress address)
        {
            var settings = new RabbitMqSendSettings(address);
            if (address is { BindToQueue: true, AutoDelete: false })
                foreach (var (name, value) in queueArguments(address.Name))
                    settings.SetQueueArgument(name, value);

            return settings;
        }

        // MassTransit's own declare a queue's dead letters with the arguments of the queue itself.
        ErrorSettings IRabbitMqSendTopology.GetErrorSettings(ReceiveSettings settings) => Declare((RabbitMqErrorSettings)GetErrorSettings(settings));

        MassTransit.RabbitMqTransport.DeadLetterSettings IRabbitMqSendTopology.GetDeadLetterSettings(ReceiveSettings settings) => Declare((RabbitMqDeadLetterSettings)GetDeadLetterSettings(settings));

        T Declare<T>(T deadLetters)
            where T : QueueBindingConfigurator
        {
            deadLetters.QueueArguments.Clear();
            foreach (var (name, value) in queueArguments(deadLetters.QueueName))
                deadLetters.SetQueueArgument(name, value);

            return deadLetters;
        }
    }
}
