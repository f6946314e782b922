using System.Diagnostics;
using Maestro.Bus.Riders;
using Maestro.Bus.Riders.Kafka;

namespace Maestro.Bus.Benchmarks;

/// <summary>The rider as the product configures it.</summary>
static class OwnKafka
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<double> Write(KafkaLoad load, CancellationToken cancellationToken)
    {
        using var host = await Start(
            rider =>
            {
                rider.AddProducer<BenchRecord>(load.Topic, producer =>
                {
                    producer.Key(KafkaLoad.KeyOf);
                    producer.Partition(KafkaLoad.PartitionOf);
                });
                rider.UsingKafka((_, kafka) => kafka.Host(load.BootstrapServers));
            },
            new KeyedArrivals(load.Records), cancellationToken);
        await using var scope = host.Services.CreateAsyncScope();
        var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<BenchRecord>>();

        var rate = await load.Write(record => producer.Produce(record, cancellationToken));
        await host.StopAsync(cancellationToken);
        return rate;
    }

    public static async Task<(double Rate, int Disorder)> Read(KafkaLoad load, CancellationToken cancellationToken)
    {
        var arrivals = new KeyedArrivals(load.Records);
        var group = KafkaLoad.NewGroup();
        using var host = await Start(
            rider =>
            {
                rider.AddConsumer<BenchRecordConsumer>();
                rider.UsingKafka((context, kafka) =>
                {
                    kafka.Host(load.BootstrapServers);
                    kafka.TopicEndpoint<BenchRecord>(load.Topic, group, (_, endpoint) =>
                    {
                        endpoint.ConcurrentMessageLimit = KafkaLoad.Concurrency;
                        endpoint.ConfigureConsumer<BenchRecordConsumer>(context);
                    });
                });
            },
            arrivals, cancellationToken);

        var elapsed = await arrivals.All.WaitAsync(Limit, cancellationToken);
        await host.StopAsync(cancellationToken);
        return (load.PerSecond(elapsed), arrivals.Disorder);
    }

    /// <summary>Writes each record on, in transactions, and waits until the last can be read.</summary>
    public static async Task<(double Rate, int Disorder)> Relay(KafkaLoad load, string results, CancellationToken cancellationToken)
    {
        var arrivals = new KeyedArrivals(load.Records);
        var group = KafkaLoad.NewGroup();
        var read = Task.Run(() => RawKafka.ReadAll(load with { Topic = results }), cancellationToken);
        using var host = await Start(
            rider =>
            {
                rider.AddConsumer<BenchRecordRelay<KafkaLoad>>();
                rider.AddProducer<BenchRecord>(results, producer =>
                {
                    producer.Key(KafkaLoad.KeyOf);
                    producer.Partition(KafkaLoad.PartitionOf);
                });
                rider.UsingKafka((context, kafka) =>
                {
                    kafka.Host(load.BootstrapServers);
                    kafka.TopicEndpoint<BenchRecord>(load.Topic, group, (_, endpoint) =>
                    {
                        endpoint.ConcurrentMessageLimit = KafkaLoad.Concurrency;
                        endpoint.Transactional = true;
                        endpoint.ConfigureConsumer<BenchRecordRelay<KafkaLoad>>(context);
                    });
                });
            },
            arrivals, cancellationToken);

        var end = await read;
        await host.StopAsync(cancellationToken);
        return (load.PerSecond(Stopwatch.GetElapsedTime(arrivals.Start, end)), arrivals.Disorder);
    }

    /// <summary>Reads with the inbox of a bus whose database is SQLite: each record is committed there.</summary>
    public static async Task<(double Rate, int Disorder)> ReadOnce(KafkaLoad load, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var arrivals = new KeyedArrivals(load.Records);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = folder.At("state.db"),
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Kafka:BootstrapServers"] = load.BootstrapServers,
            ["Bus:Kafka:GroupId"] = KafkaLoad.NewGroup(),
            ["Bus:Kafka:Topics:Create"] = "false",
        });
        builder.Services.AddSingleton(arrivals);
        builder.Services.AddBus(builder.Configuration, [new RecordDomain(load.Topic)], [], [new KafkaRider()]);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);

        var elapsed = await arrivals.All.WaitAsync(Limit, cancellationToken);
        await host.StopAsync(cancellationToken);
        return (load.PerSecond(elapsed), arrivals.Disorder);
    }

    // Each host in a method of its own: MassTransit's log context stays with the asynchronous flow.
    static async Task<IHost> Start(
        Action<IRiderRegistrationConfigurator> configure, KeyedArrivals arrivals, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(arrivals);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(configure);
            bus.UsingInMemory();
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    sealed class RecordDomain(string topic) : BusDomain
    {
        public override QueuePolicy Policy => new() { Concurrency = KafkaLoad.Concurrency };

        public override void AddServices(BusBuilder bus)
        {
            bus.Services.AddSingleton<Arrivals>();
            bus.AddDatabase<OrderContext>();
            bus.Topics(topics => topics.Consumes<BenchRecord>(topic));
        }
    }
}
