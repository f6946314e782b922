namespace Maestro.Bus.Riders.Kafka;

/// <summary>Kafka as a rider of the bus: takes part when <c>Bus:Kafka</c> holds settings.</summary>
public sealed class KafkaRider : StreamBusRider<KafkaPlugin>
{
    KafkaSettings _settings = new();

    /// <inheritdoc />
    public override string Name => KafkaPlugin.SchemeName;

    /// <inheritdoc />
    public override string Section => "Kafka";

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        _settings = bus.AddSettings<KafkaSettings>(Section);
        KafkaTls.Check(_settings.Tls, bus.Problems);
        var tls = bus.AddTls($"{Section}:Tls", _settings.Tls);
        KafkaCluster.Use(bus.Services, _settings, tls);
        if (tls is null && _settings.Security.Mechanism != KafkaMechanism.None)
            bus.NotePlainPassword("Kafka", _settings.Hosts, "Set Bus:Kafka:Tls:Enabled to true, and the brokers' ports to those with TLS");
        bus.CountDeaths();
    }

    /// <inheritdoc />
    protected override void Use(
        IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure) =>
        rider.UsingKafka(_settings, (context, kafka) => configure(context, kafka));

    /// <inheritdoc />
    protected override string GroupOf(BusDomain domain) =>
        string.IsNullOrEmpty(_settings.GroupId) ? domain.Queue : $"{_settings.GroupId}-{domain.Queue}";

    /// <inheritdoc />
    protected override TopicSpecification? Specification(string topic) => _settings.Topics is { Create: true } topics
        ? new Riders.TopicSpecification(topic, topics.Partitions, (short?)topics.Replicas, topics.Retention)
        : null;
}
