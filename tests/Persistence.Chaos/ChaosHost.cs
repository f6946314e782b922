namespace MaestroBus.Persistence.Chaos;

/// <summary>A host on PostgreSQL and RabbitMQ.</summary>
public static class ChaosHost
{
    /// <summary>Makes one.</summary>
    /// <param name="database">The database's connection string.</param>
    /// <param name="broker">The broker's address.</param>
    /// <param name="delivers">Whether it sends what is in the outbox.</param>
    /// <param name="configure">Adds the consumers.</param>
    public static IHost Build(string database, string broker, bool delivers, Action<IBusRegistrationConfigurator> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = broker,
            ["Bus:RabbitMq:QueueType"] = "classic",
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = database,
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:Deliver"] = $"{delivers}",
            ["Bus:Database:Outbox:Lease"] = "2s",
        });
        builder.Services.AddBus(builder.Configuration, [new ChaosDomain(configure)], [new RabbitMqTransport()]);
        return builder.Build();
    }

    sealed class ChaosDomain(Action<IBusRegistrationConfigurator> configure) : BusDomain
    {
        public override void AddServices(BusBuilder bus)
        {
            bus.AddDatabase<ChaosContext>();
            bus.ConfigureBus(configurator => configurator.AddEntityFrameworkOutbox<ChaosContext>(outbox => outbox.UsePostgres().UseBusOutbox()));
            bus.ConfigureBus(configure);
        }
    }
}
