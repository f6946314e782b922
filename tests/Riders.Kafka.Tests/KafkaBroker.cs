using Microsoft.Extensions.Logging.Abstractions;

namespace MaestroBus.Riders.Kafka.Tests;

/// <summary>A Kafka broker for one test class.</summary>
public class KafkaBroker : StreamBroker
{
    KafkaServer? _server;

    public KafkaServer Server => _server ?? throw new InvalidOperationException("The broker has not been started.");

    public override bool HidesAborted => !Server.IsMock;

    public override bool FindsTimes => !Server.IsMock;

    public virtual KafkaSettings Settings => new()
    {
        BootstrapServers = Server.BootstrapServers,
        Producer = { Linger = TimeSpan.FromMilliseconds(1) },
        Consumer = { CommitInterval = TimeSpan.FromMilliseconds(100), SessionTimeout = TimeSpan.FromSeconds(6) },
    };

    public override async ValueTask InitializeAsync() => _server = await KafkaServer.Start(TestContext.Current.CancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Use(IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure) =>
        rider.UsingKafka(Settings, (context, kafka) => configure(context, kafka));

    public override void AddProducer<T>(IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null) =>
        rider.AddProducer(topic, configure);

    public override IStreamPlugin CreatePlugin() => new KafkaPlugin(Settings, NullLogger<KafkaPlugin>.Instance);

    public override StreamRider RiderOf(IServiceProvider services) => services.GetRequiredService<StreamRider<KafkaPlugin>>();
}
