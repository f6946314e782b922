using MassTransit.Configuration;
using MassTransit.SqlTransport.Configuration;
using MassTransit.Transports;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Makes a bus on MassTransit's SQL transport that declares no queue by sending to it.</summary>
sealed class SqliteBusFactory : TransportRegistrationBusFactory<ISqlReceiveEndpointConfigurator>
{
    readonly SqlBusConfiguration _bus;
    readonly Action<IBusRegistrationContext, ISqlBusFactoryConfigurator> _configure;

    public SqliteBusFactory(Action<IBusRegistrationContext, ISqlBusFactoryConfigurator> configure)
        : this(new SqlBusConfiguration(new QueueTopologyConfiguration(SqlBusFactory.CreateMessageTopology())), configure)
    {
    }

    SqliteBusFactory(SqlBusConfiguration bus, Action<IBusRegistrationContext, ISqlBusFactoryConfigurator> configure)
        : base(bus.HostConfiguration) =>
        (_bus, _configure) = (bus, configure);

    public override IBusInstance CreateBus(
        IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName)
    {
        var configurator = new SqlBusFactoryConfigurator(_bus);
        configurator.UseRawJsonSerializer(RawSerializerOptions.CopyHeaders, true);
        return CreateBus(configurator, context, _configure, specifications);
    }
}
