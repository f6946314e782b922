using MaestroBus.Riders;
using MaestroBus.Riders.Kafka;

namespace MaestroBus.Benchmarks;

/// <summary>The rider as the product configures it.</summary>
static class OwnKafka
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

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
            new KeyedArrivals(), cancellationToken);
        await using var scope = host.Services.CreateAsyncScope();
        var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<BenchRecord>>();

        var rate = await KafkaLoad.Write(record => producer.Produce(record, cancellationToken));
        await host.StopAsync(cancellationToken);
        return rate;
    }

    public static async Task<(double Rate, int Disorder)> Read(KafkaLoad load, CancellationToken cancellationToken)
    {
        var arrivals = new KeyedArrivals();
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
        return (KafkaLoad.PerSecond(elapsed), arrivals.Disorder);
    }

    // Each host in a method of its own: MassTransit's log context stays with the asynchronous flow.
    static async Task<IHost> Start(Action<IRiderRegistrationConfigurator> configure, KeyedArrivals arrivals, CancellationToken cancellationToken)
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
}
