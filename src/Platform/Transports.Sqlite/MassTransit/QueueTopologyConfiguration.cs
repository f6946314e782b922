using MassTransit.Configuration;
using MassTransit.SqlTransport.Configuration;
using MassTransit.SqlTransport.Topology;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Leaves a queue that is sent to as it is: declaring it is for whoever receives from it. MassTransit's own declares it, and so a message
/// for a queue that nobody has lies there for ever, and counts as sent.
/// </summary>
sealed class QueueTopologyConfiguration : SqlTopologyConfiguration, ISqlTopologyConfiguration
{
    readonly SendTopology _send = new();

    public QueueTopologyConfiguration(IMessageTopologyConfigurator messages)
        : base(messages)
    {
        _send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        ISendTopologyConfigurator conventions = _send;
        conventions.TryAddConvention(new RoutingKeySendTopologyConvention());
        conventions.TryAddConvention(new PartitionKeySendTopologyConvention());
        ((ITopologyConfiguration)this).Publish.ConnectPublishTopologyConfigurationObserver(
            new PublishToSendTopologyConfigurationObserver(_send));
    }

    ISendTopologyConfigurator ITopologyConfiguration.Send => _send;

    ISqlSendTopologyConfigurator ISqlTopologyConfiguration.Send => _send;

    sealed class SendTopology : SqlSendTopology, ISqlSendTopologyConfigurator
    {
        // Whoever waits for an answer may have gone, with its queue: that is not the fault of who answers.
        SendSettings ISqlSendTopology.GetSendSettings(SqlEndpointAddress address) =>
            address is { Type: SqlEndpointAddress.AddressType.Queue, AutoDeleteOnIdle: null } ? new Declared(address)
                : GetSendSettings(address);
    }

    /// <summary>A queue that is its receiver's to declare.</summary>
    sealed class Declared(SqlEndpointAddress address) : QueueSendSettings(address), SendSettings
    {
        BrokerTopology SendSettings.GetBrokerTopology() => new PublishEndpointBrokerTopologyBuilder().BuildBrokerTopology();
    }
}
