namespace MaestroBus.Riders.Kafka.Tests;

/// <summary>A foreign program, on another client library, reads what a bus writes, and the other way round.</summary>
public sealed class KafkaJsTests(KafkaBroker broker) : RiderScenario<KafkaBroker>(broker)
{
    const string Package = "kafkajs@2.2.4";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task KafkaJs_reads_what_the_bus_writes_and_the_bus_reads_what_kafkajs_writes()
    {
        var modules = await Install();
        var (out_, back) = (NewTopic(), NewTopic());
        var received = new Received<(string? Tenant, Measured Message)>();
        var host = await Start(
            rider =>
            {
                rider.AddConsumer<RiderProbe<Measured>>();
                Broker.AddProducer<Measured>(rider, out_);
            },
            (context, factory) => factory.TopicEndpoint<Measured>(back, Group, (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context)),
            services => services.AddSingleton(new RiderHandler<Measured>(context => received.Add((context.TenantId(), context.Message)))));
        await Produce(host, new Measured("roof", 1), context =>
        {
            context.Key = "roof";
            context.SetTenantId("acme");
        });

        await using var node = ServerProcess.Start(
            "kafkajs", "node", [Path.Combine(AppContext.BaseDirectory, "Interop", "kafkajs.js"), Broker.Settings.BootstrapServers, out_, back], "sudo apt-get install -y nodejs npm",
            new Dictionary<string, string> { ["NODE_PATH"] = Path.Combine(modules, "node_modules"), ["KAFKAJS_NO_PARTITIONER_WARNING"] = "1" });
        await node.Succeeded(Limit, Cancel);

        Assert.Equal([("acme", new Measured("roof", 2))], await received.AtLeast(1));
    }

    /// <summary>Installs the client once for all test runs of this machine.</summary>
    static async Task<string> Install()
    {
        var folder = Path.Combine(Path.GetTempPath(), "bus-tests", Package);
        if (Directory.Exists(Path.Combine(folder, "node_modules", "kafkajs")))
            return folder;

        Directory.CreateDirectory(folder);
        await using var npm = ServerProcess.Start("kafkajs", "npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, Package], "sudo apt-get install -y nodejs npm");
        await npm.Succeeded(Limit, Cancel);
        return folder;
    }
}
