namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>
/// Names that Kafka does not take stop the start: the broker would refuse them one by one, whenever they are first needed.
/// </summary>
public sealed class NameTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_topic_that_there_cannot_be_stops_the_start_and_is_named()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddRider(rider =>
            {
                rider.AddProducer<Measured>("sent/away");
                rider.UsingKafka(new KafkaSettings { BootstrapServers = "localhost:1" }, (_, kafka) =>
                {
                    kafka.TopicEndpoint<Measured>("my topic", "group", (_, _) => { });
                    kafka.TopicEndpoint<Measured>(
                        "orders", "a group", (_, endpoint) => endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2 }));
                    kafka.TopicEndpoint<Measured>(new string('x', 249), "group", (_, _) => { });
                    kafka.Topic(new TopicSpecification(".."));
                });
            });
            bus.UsingInMemory();
        });
        using var host = builder.Build();

        var refusal = (await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync(Cancel))).GetBaseException().Message;

        Assert.Contains("topic 'sent/away' is to take Measured", refusal);
        Assert.Contains("topic 'my topic' is needed by the endpoint 'my topic' of the group 'group'", refusal);
        Assert.Contains("topic 'orders-a group-retry-1' is needed", refusal);
        Assert.DoesNotContain("topic 'orders' ", refusal);
        Assert.Contains("It has 253 characters.", refusal);
        Assert.Contains("topic '..' is to be created", refusal);
    }

    [Fact]
    public async Task A_processing_time_that_its_transaction_does_not_leave_stops_the_start_and_is_named()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddRider(rider => rider.UsingKafka(
                new KafkaSettings { BootstrapServers = "localhost:1", Consumer = { TransactionTimeout = TimeSpan.FromSeconds(30) } },
                (_, kafka) =>
                {
                    foreach (var seconds in new[] { 12, 13 })
                        kafka.TopicEndpoint<Measured>($"orders-{seconds}", "group", (_, endpoint) =>
                        {
                            endpoint.Transactional = true;
                            endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2, ProcessingTimeout = TimeSpan.FromSeconds(seconds) });
                        });
                }));
            bus.UsingInMemory();
        });
        using var host = builder.Build();

        var refusal = (await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync(Cancel))).GetBaseException().Message;

        Assert.Contains("Its ProcessingTimeout is 00:00:13, and a transaction leaves 00:00:12.5", refusal);
        Assert.Contains("Use a shorter ProcessingTimeout, or a longer TransactionTimeout.", refusal);
        Assert.DoesNotContain("orders-12", refusal);
    }
}
