namespace MaestroBus.Riders.Chaos;

/// <summary>The hosts that are killed.</summary>
public static class ChaosHost
{
    /// <summary>The group that reads.</summary>
    public const string Group = "chaos";

    const int Concurrency = 8;

    /// <summary>Tells on its output of each record that it handles.</summary>
    public static IHost Telling(string brokers, string topic) => Build(
        rider => rider.AddConsumer<TellingConsumer<Counted>>(), brokers, (context, kafka) => kafka.TopicEndpoint<Counted>(topic, Group, (_, endpoint) =>
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
    public static IHost Keeping(string brokers, string topic, string database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = database,
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Kafka:BootstrapServers"] = brokers,
            ["Bus:Kafka:Consumer:SessionTimeout"] = "1s",
            ["Bus:Kafka:Topics:Create"] = "false",
        });
        builder.Services.AddBus(builder.Configuration, [new KeepingDomain(topic)], [], [new KafkaRider()]);
        return builder.Build();
    }

    static IHost Build(Action<IRiderRegistrationConfigurator> register, string brokers, Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                register(rider);
                // Nobody waits long for the dead.
                rider.UsingKafka(new KafkaSettings { BootstrapServers = brokers, Consumer = { SessionTimeout = TimeSpan.FromSeconds(1) } }, configure);
            });
            bus.UsingInMemory();
        });
        return builder.Build();
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
