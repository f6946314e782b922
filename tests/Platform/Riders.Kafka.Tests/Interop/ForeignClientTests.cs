using System.Text.Json;
using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Foreign programs, each on a client library of its own, read what a bus writes, and the other way round.</summary>
public sealed class ForeignClientTests(KafkaBroker broker) : RiderScenario<KafkaBroker>(broker)
{
    const int Keys = 40;

    static readonly Guid Id = Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E");
    static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    [Theory]
    [InlineData("kcat")]
    [InlineData("java")]
    [InlineData("kafkajs")]
    public async Task The_bus_reads_plain_json_and_CloudEvents_of_both_kinds(string name)
    {
        var client = await ForeignClient.Start(name, Broker, Cancel);
        var topic = NewTopic();
        await Broker.Server.CreateTopic(topic, 1);
        var received = new Received<(Guid? Id, string? Tenant, string? Stamp, string Key, Measured Message)>();
        await Start<Measured>(topic, context => received.Add(
            (context.MessageId, context.TenantId(), context.Headers.Get<string>("stamp"), context.GetKey<string>(), context.Message)));

        await client.Write(
            topic,
            [
                new ForeignRecord("plain", Json("roof", 1), new Dictionary<string, string> { ["stamp"] = "seen", ["tenant-id"] = "acme" }),
                new ForeignRecord("binary", Json("roof", 2), new Dictionary<string, string>
                {
                    ["ce_specversion"] = "1.0", ["ce_id"] = $"{Id}", ["ce_source"] = "/sensors", ["ce_type"] = "measured",
                    ["ce_tenantid"] = "acme", ["content-type"] = "application/json",
                }),
                new ForeignRecord(
                    "structured",
                    """{"specversion":"1.0","id":"77","source":"/sensors","type":"measured","tenantid":"acme","data":"""
                        + $"{Json("roof", 3)}}}",
                    new Dictionary<string, string> { ["content-type"] = "application/cloudevents+json; charset=UTF-8" }),
            ],
            Cancel);

        var all = (await received.AtLeast(3)).OrderBy(one => one.Message.Number).ToList();
        Assert.Equal(("acme", "seen", "plain", new Measured("roof", 1)), (all[0].Tenant, all[0].Stamp, all[0].Key, all[0].Message));
        Assert.Equal((Id, "acme", null, "binary", new Measured("roof", 2)), all[1]);
        Assert.Equal(
            (DeterministicId.Of("foreign-record", "acme", "/sensors", "77"), "acme", null, "structured", new Measured("roof", 3)), all[2]);
    }

    [Theory]
    [InlineData("kcat")]
    [InlineData("java")]
    [InlineData("kafkajs")]
    public async Task A_foreign_program_reads_plain_json_and_CloudEvents_of_both_kinds(string name)
    {
        var client = await ForeignClient.Start(name, Broker, Cancel);
        var topic = NewTopic();
        await Broker.Server.CreateTopic(topic, 1);
        var host = await Start(rider => rider.AddProducer<string, Measured>(topic), (_, _) => { });
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var producer = scope.ServiceProvider.GetRequiredService<ITopicProducer<string, Measured>>();
            await producer.Produce(
                "plain", new Measured("roof", 1), Pipe.Execute<SendContext>(context => context.Headers.Set("stamp", "seen")), Cancel);
            await producer.Produce("binary", new Measured("roof", 2), Pipe.Execute<SendContext>(context =>
            {
                foreach (var (attribute, value) in Attributes(context))
                    context.Headers.Set($"ce_{attribute}", value);
            }), Cancel);
            await producer.Produce("structured", new Measured("roof", 3), Pipe.Execute<KafkaSendContext<string, Measured>>(context =>
            {
                context.ValueSerializer = new CloudEventSerializer(Attributes(context));
                context.ContentType = new System.Net.Mime.ContentType("application/cloudevents+json");
            }), Cancel);
        }

        var records = (await client.Read(topic, 3, Cancel)).ToDictionary(record => record.Key);

        Assert.Equal((Json("roof", 1), "seen"), (records["plain"].Value, records["plain"].Headers["stamp"]));
        Assert.Equal((Json("roof", 2), "application/json"), (records["binary"].Value, records["binary"].Headers["Content-Type"]));
        Assert.Equal("measured", records["binary"].Headers["ce_type"]);
        Assert.Equal("application/cloudevents+json", records["structured"].Headers["Content-Type"]);
        using var structured = JsonDocument.Parse(records["structured"].Value);
        Assert.Equal(3, structured.RootElement.GetProperty("data").GetProperty("number").GetInt32());
        Assert.Equal("/sensors", structured.RootElement.GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_key_is_in_one_partition_whether_Java_kafkajs_or_the_bus_writes_it()
    {
        var (java, js) = (await ForeignClient.Start("java", Broker, Cancel), await ForeignClient.Start("kafkajs", Broker, Cancel));

        var partitions = await Partitions(Broker.Settings, java, js);

        Assert.Equal(partitions[0], partitions[1]);
        Assert.Equal(partitions[0], partitions[2]);
        Assert.True(partitions[0].Distinct().Count() > 4);
    }

    [Fact]
    public async Task A_key_is_in_the_partition_of_librdkafkas_clients_by_a_setting()
    {
        var kcat = await ForeignClient.Start("kcat", Broker, Cancel);
        var settings = Broker.Settings;
        settings.Producer.Partitioner = Partitioner.ConsistentRandom;

        var partitions = await Partitions(settings, kcat);
        var asJava = await Partitions(Broker.Settings, kcat);

        Assert.Equal(partitions[0], partitions[1]);
        Assert.NotEqual(asJava[0], asJava[1]);
    }

    /// <summary>Has the bus and each client write the same keys to a topic, and tells their partitions, the bus's first.</summary>
    async Task<IReadOnlyList<IReadOnlyList<int>>> Partitions(KafkaSettings settings, params ForeignClient[] clients)
    {
        var topic = NewTopic();
        await Broker.Server.CreateTopic(topic, 16);
        var keys = Enumerable.Range(0, Keys).Select(number => $"Schlüssel-{number}").ToList();

        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider =>
            {
                rider.AddProducer<string, Measured>(topic);
                rider.UsingKafka(settings, (_, _) => { });
            });
            bus.UsingInMemory();
        });
        var host = await Start(builder);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            foreach (var key in keys)
                await scope.ServiceProvider.GetRequiredService<ITopicProducer<string, Measured>>().Produce(
                    key, new Measured("bus", 0), Cancel);
        }

        for (var number = 0; number < clients.Length; number++)
            await clients[number].Write(topic, [.. keys.Select(key => new ForeignRecord(key, Json("client", number + 1), None))], Cancel);

        var records = await Read(topic, Keys * (clients.Length + 1));
        return [.. Enumerable.Range(0, clients.Length + 1).Select(number => keys.ConvertAll(key => PartitionOf(key, number)))];

        int PartitionOf(string key, int number) => records.Single(record =>
            Text(record.Key) == key && Text(record.Value).Contains($"\"number\":{number}", StringComparison.Ordinal)).Partition.Number;
    }

    static Dictionary<string, string> Attributes(SendContext context) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = $"{context.MessageId}",
        ["source"] = "/sensors",
        ["type"] = "measured",
    };

    sealed class CloudEventSerializer(Dictionary<string, string> attributes) : IAsyncSerializer<Measured>
    {
        public Task<byte[]> SerializeAsync(Measured data, SerializationContext context) => Task.FromResult(
            JsonSerializer.SerializeToUtf8Bytes(
                attributes.ToDictionary(attribute => attribute.Key, object (attribute) => attribute.Value)
                    .Append(new("data", new { place = data.Place, number = data.Number })).ToDictionary()));
    }
}
