using System.Collections.Concurrent;
using MassTransit.Configuration;
using MassTransit.SqlTransport.Configuration;
using MassTransit.SqlTransport.Topology;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Changes what MassTransit declares for a send. A queue is not declared: that is its receiver's task. MassTransit declares it, so that a
/// message for a queue without a receiver counts as sent and stays there for ever. The topic of a message type is declared with its
/// subscriptions for the topics of its interfaces and base types. MassTransit declares those for a publish only, and a scheduled publish is
/// a send.
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
