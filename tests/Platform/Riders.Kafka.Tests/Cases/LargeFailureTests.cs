namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Large records of topics that take them: their failures are tried again, and kept whole.</summary>
public sealed class LargeFailureTests(KafkaBroker broker) : RealBrokerScenario<KafkaBroker>(broker)
{
    const int Most = 5_000_000;
    const int Size = 2_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_its_topic_takes_its_topics_of_retries_and_dead_letters_take_too(bool isTransactional)
    {
        var topic = await NewTopic(1, ("max.message.bytes", $"{Most}"));
        var settings = Broker.Settings;
        settings.Properties["message.max.bytes"] = $"{Most}";
        var attempts = new Received<int>();
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new RiderHandler<Measured>(async context =>
        {
            await attempts.Add(context.Message.Number);
            throw new InvalidOperationException("It cannot be.");
        }));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                rider.UsingKafka(settings, (context, kafka) => kafka.TopicEndpoint<Measured>(topic, Group, (_, endpoint) =>
                {
                    endpoint.CreateIfMissing(partitions: 1);
                    endpoint.Transactional = isTransactional;
                    endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2, FirstRetryDelay = Moment });
                    endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
                }));
            });
            bus.UsingInMemory();
        });
        await Start(builder);
        var value = Json(new string('x', Size), 1);
        await using (var plugin = new KafkaPlugin(settings, new PluginLog(new LogLines())))
            await plugin.Produce(Record(topic, "key", value), Cancel);

        var letter = (await Read($"{topic}-dlq", 1))[0];

        Assert.Equal(value, Text(letter.Value));
        Assert.Equal([1, 1], attempts.Items);
    }
}
