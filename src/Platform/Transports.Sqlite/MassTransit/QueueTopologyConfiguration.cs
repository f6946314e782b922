using System.Collections.Concurrent;
using MassTransit.Configuration;
using MassTransit.SqlTransport.Configuration;
using MassTransit.SqlTransport.Topology;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Leaves a queue that is sent to as it is: declaring it is for whoever receives from it. MassTransit's own declares it, and so a message
/// for a queue that nobody has lies there for ever, and counts as sent. And has what is sent to a message type's topic, as a message that
/// was published for later, reach the topics of what the type implements: MassTransit's own subscribes those only for what is published at
/// once.
/// </summary>
sealed class QueueTopologyConfiguration : SqlTopologyConfiguration, ISqlTopologyConfiguration
{
    readonly SendTopology _send = new();

    public QueueTopologyConfiguration(IMessageTopologyConfigurator messages)
        : base(messages)
    {
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(_send);
        _send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        ISendTopologyConfigurator conventions = _send;
        conventions.TryAddConvention(new RoutingKeySendTopologyConvention());
        conventions.TryAddConvention(new PartitionKeySendTopologyConvention());
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(
            new PublishToSendTopologyConfigurationObserver(_send));
    }

    ISendTopologyConfigurator ITopologyConfiguration.Send => _send;

    ISqlSendTopologyConfigurator ISqlTopologyConfiguration.Send => _send;

    sealed class SendTopology : SqlSendTopology, ISqlSendTopologyConfigurator, IPublishTopologyConfigurationObserver
    {
        readonly ConcurrentDictionary<string, Func<BrokerTopology>> _published = new(StringComparer.Ordinal);

        void IPublishTopologyConfigurationObserver.MessageTopologyCreated<T>(IMessagePublishTopologyConfigurator<T> configuration)
        {
            if (configuration is ISqlMessagePublishTopology<T> { Topic.TopicName: { } name } type)
                _published[name] = type.GetBrokerTopology;
        }

        // Whoever waits for an answer may have gone, with its queue: that is not the fault of who answers.
        SendSettings ISqlSendTopology.GetSendSettings(SqlEndpointAddress address) =>
            address is { Type: SqlEndpointAddress.AddressType.Queue, AutoDeleteOnIdle: null } ? new Declared(address)
                : address.Type == SqlEndpointAddress.AddressType.Topic && _published.TryGetValue(address.Name, out var topology)
                    ? new Published(address, topology)
                : GetSendSettings(address);
    }

    /// <summary>The topic of a message type, with those of what it implements.</summary>
    sealed class Published(SqlEndpointAddress address, Func<BrokerTopology> topology) : TopicSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => topology();
    }

    /// <summary>A queue that is its receiver's to declare.</summary>
    sealed class Declared(SqlEndpointAddress address) : QueueSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => new PublishEndpointBrokerTopologyBuilder().BuildBrokerTopology();
    }
}
