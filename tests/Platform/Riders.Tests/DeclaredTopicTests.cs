using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>What a domain declares holds with a rider and without one, and nothing comes twice.</summary>
public sealed class DeclaredTopicTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_rider_what_is_published_is_on_the_topic_and_read_from_there_alone()
    {
        var (streams, received) = (new MemoryStreams(), new Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)>());
        using var host = await Start(received, new MemoryRider(streams), [new("Bus:MemoryStreams:Enabled", "true")]);
        var id = NewId.NextGuid();

        await Publish(host, new StormSeen("roof", 1), id);
        await received.AtLeast(1);
        await Publish(host, new StormSeen("roof", 2), NewId.NextGuid());
        await received.AtLeast(2);
        Assert.Contains(host.Services.GetRequiredService<QueueControls>().All,
            control => control.Queue.StartsWith($"{WeatherDomain.Topic}@", StringComparison.Ordinal));
        await host.StopAsync(Cancel);

        Assert.Equal([(id, "default", true, 1)], received.Items.Take(1));
        Assert.Equal([1, 2], received.Items.Select(item => item.Number));
        Assert.Equal("roof", Encoding.UTF8.GetString(streams.Records(WeatherDomain.Topic)[0].Key!));
    }

    [Fact]
    public async Task Without_a_riders_settings_the_message_stays_on_the_bus()
    {
        var (streams, received) = (new MemoryStreams(), new Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)>());
        using var host = await Start(received, new MemoryRider(streams), []);
        var id = NewId.NextGuid();

        await Publish(host, new StormSeen("roof", 1), id);

        Assert.Equal([(id, "default", false, 1)], await received.AtLeast(1));
        Assert.Empty(streams.Records(WeatherDomain.Topic));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task What_a_plug_in_lacks_is_refused_at_start()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddRider(rider => rider.UsingMemoryStreams(
                new MemoryStreams(),
                (_, factory) => factory.TopicEndpoint<StormSeen>("^weather.*", "group", (_, endpoint) => endpoint.Transactional = true),
                StreamCapabilities.Publishing | StreamCapabilities.Subscription));
            bus.UsingInMemory();
        });
        using var host = builder.Build();

        var refusal = (await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync(Cancel))).GetBaseException();

        Assert.Contains("'^weather.*'", refusal.Message);
        Assert.Contains(nameof(StreamCapabilities.PatternRouting), refusal.Message);
        Assert.Contains(nameof(StreamCapabilities.Transactions), refusal.Message);
    }

    [Fact]
    public async Task What_there_cannot_be_is_refused_at_start()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddRider(rider =>
            {
                StreamRiderExtensions.AddProducer<MemoryPlugin, StormSeen>(rider, " ");
                rider.UsingMemoryStreams(new MemoryStreams(), (_, factory) =>
                {
                    factory.TopicEndpoint<StormSeen>("", "group", (_, _) => { });
                    factory.TopicEndpoint<StormSeen>("twice", "group", (_, _) => { });
                    factory.TopicEndpoint<StormSeen>("twice", "group", (_, _) => { });
                    factory.TopicEndpoint<StormSeen>("twice", "another", (_, _) => { });
                    factory.TopicEndpoint<StormSeen>(
                        "small", "group", (_, endpoint) => endpoint.CreateIfMissing(0, 0, TimeSpan.FromDays(-1)));
                    factory.Topic(new TopicSpecification("none", -1));
                });
            });
            bus.UsingInMemory();
        });
        using var host = builder.Build();

        var refusal = (await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync(Cancel))).GetBaseException().Message;

        Assert.Contains("topic ' ' is to take StormSeen", refusal);
        Assert.Contains("endpoint '' of the group 'group' cannot be: It names no topic.", refusal);
        Assert.Contains("endpoint 'twice' of the group 'group' is there 2 times", refusal);
        Assert.DoesNotContain("another", refusal);
        Assert.Contains("topic 'small' is to have 0 partitions", refusal);
        Assert.Contains("topic 'small' is to have 0 replicas", refusal);
        Assert.Contains("topic 'small' is to keep its records for -1.00:00:00", refusal);
        Assert.Contains("topic 'none' is to have -1 partitions", refusal);
    }

    [Fact]
    public async Task Endpoints_that_are_added_by_hand_are_read_by_the_same_rider()
    {
        var (streams, received) = (new MemoryStreams(), new Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)>());
        using var host = await Start(received, new MemoryRider(streams), [new("Bus:MemoryStreams:Enabled", "true")],
            bus => bus.ConfigureBus(configurator => configurator.AddRider(rider =>
            rider.UsingMemoryStreams(
                streams,
                (context, factory) => factory.TopicEndpoint<StormSeen>(
                    "calm", "hand-made", (_, endpoint) => endpoint.ConfigureConsumer<StormConsumer>(context))))));

        streams.Write([new OutgoingRecord("calm", null, """{"place":"roof","number":7}"""u8.ToArray(), new RecordHeaders())]);

        Assert.Equal(7, (await received.AtLeast(1))[0].Number);
        await Publish(host, new StormSeen("roof", 8), NewId.NextGuid());
        Assert.Equal([7, 8], (await received.AtLeast(2)).Select(item => item.Number));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public void A_declaration_without_a_topics_name_stops_the_start()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Bus:Transport", "memory")]).Build();

        var exception = Assert.Throws<BusConfigurationException>(() =>
            new ServiceCollection().AddBus(configuration, [new NamelessDomain()], [], [new MemoryRider(new MemoryStreams())]));

        Assert.Contains("Nameless declares Produces<StormSeen> for the topic ' '", exception.Message);
    }

    sealed class NamelessDomain : BusDomain
    {
        public override void AddServices(BusBuilder bus) => bus.Topics(topics => topics.Produces<StormSeen>(" "));
    }

    static async Task<IHost> Start(
        Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)> received, BusRider rider,
        IEnumerable<KeyValuePair<string, string?>> settings, Action<BusBuilder>? configure = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Append(new("Bus:Transport", "memory")));
        builder.Services.AddBus(builder.Configuration, [new WeatherDomain(received, configure)], [], [rider]);
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }

    static async Task Publish(IHost host, StormSeen storm, Guid id) =>
        await host.Services.GetRequiredService<IBus>().Publish(storm, context => context.MessageId = id, Cancel);
}
