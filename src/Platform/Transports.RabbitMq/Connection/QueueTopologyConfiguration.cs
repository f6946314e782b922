using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.RabbitMqTransport.Topology;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Leaves a queue that is sent to as it is: declaring it is for whoever receives from it. MassTransit's own declares it, without
/// arguments, which the broker refuses for a
/// queue that has some, and which makes a queue of the bus's own of another program's that is not there yet.
/// </summary>
sealed class QueueTopologyConfiguration : RabbitMqTopologyConfiguration, IRabbitMqTopologyConfiguration
{
    readonly SendTopology _send;

    public QueueTopologyConfiguration(
        IMessageTopologyConfigurator messages, Func<string, IReadOnlyDictionary<string, object>> queueArguments)
        : base(messages)
    {
        _send = new SendTopology(queueArguments);
        _send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        ((ISendTopologyConfigurator)_send).TryAddConvention(new RoutingKeySendTopologyConvention());
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(
            new PublishToSendTopologyConfigurationObserver(_send));
    }

    ISendTopologyConfigurator ITopologyConfiguration.Send => _send;

    IRabbitMqSendTopologyConfigurator IRabbitMqTopologyConfiguration.Send => _send;

    sealed class SendTopology(Func<string, IReadOnlyDictionary<string, object>> queueArguments)
        : RabbitMqSendTopology(RabbitMqEntityNameValidator.Validator), IRabbitMqSendTopologyConfigurator
    {
        SendSettings IRabbitMqSendTopology.GetSendSettings(RabbitMqEndpointAddress address) =>
            address.BindToQueue ? new QueueSendSettings(address) : GetSendSettings(address);

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

    /// <summary>The exchange of a queue's name. Nothing is declared for it: the queue is its receiver's.</summary>
    sealed class QueueSendSettings(RabbitMqEndpointAddress address) : RabbitMqSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => new PublishEndpointBrokerTopologyBuilder().BuildBrokerTopology();
    }
}
