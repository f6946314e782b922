using System.Globalization;

namespace Maestro.Bus.Riders.Chaos;

/// <summary>The hosts that are killed.</summary>
public static class ChaosHost
{
    /// <summary>The group that reads.</summary>
    public const string Group = "chaos";

    const int Concurrency = 8;

    // A member that a busy machine stops for seconds must not be taken for dead. The long suite has the shortest that a broker takes.
    static readonly TimeSpan Session = TimeSpan.FromSeconds(Setting("BUS_TEST_SESSION", LongSuite.Size(10, full: 6)));

    // With a name a process gets its partitions back when it starts again.
    static readonly string? Member = Environment.GetEnvironmentVariable("BUS_TEST_MEMBER");

    /// <summary>Tells on its output of each record that it handles.</summary>
    public static IHost Telling(string brokers, string topic) => Build(
        rider => rider.AddConsumer<TellingConsumer<Counted>>(), brokers,
        (context, kafka) => kafka.TopicEndpoint<Counted>(topic, Group, (_, endpoint) =>
        {
            endpoint.ConcurrentMessageLimit = Concurrency;
            endpoint.ConfigureConsumer<TellingConsumer<Counted>>(context);
        }));

    /// <summary>Writes what it reads to another topic, in transactions.</summary>
    public static IHost Relaying(string brokers, string topic, string results) => Build(
        rider =>
        {
            rider.AddConsumer<RelayingConsumer<Counted>>();
            rider.AddProducer<Noted>(results, producer => producer.Key(noted => noted.Key));
        },
        brokers,
        (context, kafka) => kafka.TopicEndpoint<Counted>(topic, Group, (_, endpoint) =>
        {
            endpoint.ConcurrentMessageLimit = Concurrency;
            endpoint.Transactional = true;
            endpoint.ConfigureConsumer<RelayingConsumer<Counted>>(context);
        }));

    /// <summary>Keeps what it reads in a database, with an inbox.</summary>
    public static IHost Keeping(string brokers, string topic, string database) => WithDatabase(brokers, new KeepingDomain(topic), database);

    /// <summary>Does what it reads, which may end the process, and has a database.</summary>
    public static IHost Ending(string brokers, string topic, string database) => WithDatabase(brokers, new EndingDomain(topic), database);

    static IHost WithDatabase(string brokers, BusDomain domain, string database)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = database,
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Kafka:BootstrapServers"] = brokers,
            ["Bus:Kafka:Consumer:SessionTimeout"] = $"{Session.TotalSeconds}s",
            ["Bus:Kafka:Consumer:Member"] = Member,
            ["Bus:Kafka:Topics:Create"] = "false",
        });
        builder.Services.AddBus(builder.Configuration, [domain], [], [new KafkaRider()]);
        return builder.Build();
    }

    static IHost Build(Action<IRiderRegistrationConfigurator> register, string brokers,
        Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                register(rider);
                rider.UsingKafka(
                    new KafkaSettings { BootstrapServers = brokers, Consumer = { SessionTimeout = Session, Member = Member } }, configure);
            });
            bus.UsingInMemory();
        });
        return builder.Build();
    }

    static int Setting(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : usual;

    sealed class EndingDomain(string topic) : BusDomain
    {
        public override string Queue => Group;

        public override QueuePolicy Policy => new() { Attempts = 1, Concurrency = Concurrency };

        public override void AddServices(BusBuilder bus)
        {
            bus.AddDatabase<CountContext>();
            bus.Topics(topics => topics.Consumes<Deed>(topic));
        }
    }

    sealed class KeepingDomain(string topic) : BusDomain
    {
        public override string Queue => Group;

        public override QueuePolicy Policy => new() { Attempts = 1, Concurrency = Concurrency };

        public override void AddServices(BusBuilder bus)
        {
            bus.AddDatabase<CountContext>();
            bus.Topics(topics => topics.Consumes<Counted>(topic));
        }
    }
}

/// <summary>Keeps a number.</summary>
public sealed class KeepingConsumer(CountContext context) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> message)
    {
        context.Add(new Count { Key = message.Message.Key, Number = message.Message.Number });
        return Task.CompletedTask;
    }
}
