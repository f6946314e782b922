using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>The Kafka broker of the whole test run.</summary>
public class KafkaBroker(SharedKafka shared) : StreamBroker
{
    KafkaServer? _server;
    IAdminClient? _admin;

    public KafkaServer Server => _server ?? throw new InvalidOperationException("The broker has not been started.");

    public override bool HidesAborted => !Server.IsMock;

    public override bool FindsTimes => !Server.IsMock;

    public virtual KafkaSettings Settings => new()
    {
        BootstrapServers = Server.BootstrapServers,
        Producer = { Linger = TimeSpan.FromMilliseconds(1) },
        // A member that a busy machine stops for seconds must not lose its partitions.
        Consumer = { CommitInterval = TimeSpan.FromMilliseconds(100), SessionTimeout = TimeSpan.FromSeconds(20) },
        // Most tests write to a topic only when its reader is there already.
        Properties = { ["topic.metadata.refresh.interval.ms"] = "300" },
    };

    /// <summary>Rules the cluster, as a user who may do everything.</summary>
    public IAdminClient Admin =>
        _admin ??= new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Server.BootstrapServers }).Build();

    /// <summary>The real broker. Skips the test where there is none.</summary>
    public RealKafkaServer Real
    {
        get
        {
            Assert.SkipWhen(Server.Real is null, RealKafkaServer.Missing ?? "");
            return Server.Real;
        }
    }

    public override async ValueTask InitializeAsync() => _server = await Connect();

    public override ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        return base.DisposeAsync();
    }

    public override void Use(
        IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure) =>
        rider.UsingKafka(Settings, (context, kafka) => configure(context, kafka));

    public override void AddProducer<T>(
        IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null) =>
        rider.AddProducer(topic, configure);

    public override IStreamPlugin CreatePlugin() => new KafkaPlugin(Settings, NullLogger<KafkaPlugin>.Instance);

    public override StreamRider RiderOf(IServiceProvider services) => services.GetRequiredService<StreamRider<KafkaPlugin>>();

    /// <summary>Starts the broker, or gets the one that has started.</summary>
    protected virtual Task<KafkaServer> Connect() => shared.Server;
}
