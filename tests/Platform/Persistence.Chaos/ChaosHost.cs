namespace Maestro.Bus.Persistence.Chaos;

/// <summary>A host whose outbox is sent by it or by others.</summary>
public static class ChaosHost
{
    /// <summary>Makes one.</summary>
    /// <param name="settings">The transport's and the database's settings.</param>
    /// <param name="delivers">Whether it sends what is in the outbox.</param>
    /// <param name="configure">Adds the consumers.</param>
    public static IHost Build(
        IEnumerable<KeyValuePair<string, string?>> settings, bool delivers, Action<IBusRegistrationConfigurator> configure)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:RabbitMq:QueueType"] = "classic",
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:Deliver"] = $"{delivers}",
            ["Bus:Database:Outbox:Lease"] = "2s",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ChaosDomain(configure)], [new RabbitMqTransport(), new SqliteTransport()]);
        return builder.Build();
    }

    sealed class ChaosDomain(Action<IBusRegistrationConfigurator> configure) : BusDomain
    {
        public override void AddServices(BusBuilder bus)
        {
            bus.AddDatabase<ChaosContext>();
            bus.ConfigureBus(configurator => configurator.AddEntityFrameworkOutbox<ChaosContext>(outbox => outbox.UseBusOutbox()));
            bus.ConfigureBus(configure);
        }
    }
}
