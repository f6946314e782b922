using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("ClientId", "x", "Bus:Kafka:BootstrapServers")]
    [InlineData("Producer:Compression", "Brotli", "Bus:Kafka:Producer:Compression")]
    [InlineData("Security:Mechanism", "ScramSha256", "Security:Username")]
    [InlineData("Security:Tls", "true", "Bus:Kafka:Security:Tls was the setting of earlier versions. Use Bus:Kafka:Tls:Enabled instead.")]
    [InlineData("Security:KeyPassword", "secret", "Use Bus:Kafka:Tls:KeyPassword instead.")]
    [InlineData("Tls:CertificateAuthority", "/nowhere.pem", "Bus:Kafka:Tls holds settings, and TLS is off.")]
    [InlineData("Tls:CertificateAuthority", "/nowhere.pem", "There is no such file.", "Tls:Enabled", "true")]
    [InlineData("Tls:ServerName", "kafka.example.com", "Bus:Kafka:Tls:ServerName is 'kafka.example.com'.", "Tls:Enabled", "true")]
    [InlineData("Security:Username", "bus", "Security:Mechanism")]
    [InlineData("Security:Mechanism", "Kerberos", "Bus:Kafka:Security:Mechanism")]
    [InlineData("Producer:MaxInFlight", "6", "Producer:MaxInFlight")]
    [InlineData("Consumer:MaxPollRecords", "0", "Bus:Kafka:Consumer:MaxPollRecords")]
    [InlineData("Consumer:OffsetReset", "Error", "Consumer:OffsetReset")]
    [InlineData("Properties:no.such.property", "x", "no.such.property")]
    [InlineData("Properties:session.timeout.ms", "soon", "session.timeout.ms")]
    [InlineData("BootstrapServers", "localhost:99999", "BootstrapServers names 'localhost:99999'")]
    [InlineData("BootstrapServers", "localhost:abc", "'localhost:abc'")]
    [InlineData("BootstrapServers", "http://localhost:9092", "'http://localhost:9092'")]
    [InlineData("BootstrapServers", "one:9092;two:9092", "'one:9092;two:9092'")]
    [InlineData("BootstrapServers", "one:9092,a b:9092", "'a b:9092'")]
    [InlineData("BootstrapServers", ",", "names no broker")]
    [InlineData("GroupId", "my group", "GroupId is 'my group'")]
    [InlineData("Producer:Acks", "Two", "Bus:Kafka:Producer:Acks")]
    [InlineData("Producer:Linger", "50s", "Producer:Linger is 00:00:50 and Producer:Timeout 00:00:30")]
    [InlineData("Producer:Linger", "29s", "Consumer:TransactionTimeout is 00:00:20", "Consumer:TransactionTimeout", "20s")]
    [InlineData("Topics:Partitions", "0", "Bus:Kafka:Topics:Partitions")]
    [InlineData("Topics:Replicas", "0", "Bus:Kafka:Topics:Replicas")]
    [InlineData("Topics:Retention", "-1.00:00:00", "Bus:Kafka:Topics:Retention")]
    public void A_wrong_setting_stops_the_start_and_is_named(
        string setting, string value, string named, string? other = null, string? otherValue = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                [new("Bus:Transport", "memory"), new("Bus:Kafka:BootstrapServers", setting == "ClientId" ? null : "localhost:9092")])
            .AddInMemoryCollection([new($"Bus:Kafka:{setting}", value)])
            .AddInMemoryCollection([new($"Bus:Kafka:{other ?? setting}", otherValue ?? value)])
            .Build();

        var exception = Assert.Throws<BusConfigurationException>(() =>
            new ServiceCollection().AddBus(configuration, [], [], [new KafkaRider()]));

        Assert.Contains(named, exception.Message);
    }

    [Theory]
    [InlineData("one:9092,two:9093")]
    [InlineData("one:9092, two:9093,")]
    [InlineData("Broker_1.Example.Com:9092")]
    [InlineData("10.0.0.1:9092")]
    [InlineData("[::1]:9092")]
    [InlineData("localhost")]
    public void A_brokers_address_is_taken_however_it_is_written(string servers)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("Bus:Transport", "memory"), new("Bus:Kafka:BootstrapServers", servers)]).Build();
        var services = new ServiceCollection();

        services.AddBus(configuration, [], [], [new KafkaRider()]);

        Assert.Contains(services, service => service.ServiceType == typeof(StreamRider<KafkaPlugin>));
    }

    [Fact]
    public async Task A_bus_has_one_cluster_which_endpoints_may_be_added_to_from_wherever()
    {
        var settings = new KafkaSettings { BootstrapServers = "one:9092" };
        KafkaSettings? seen = null;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRider(rider => rider.UsingKafka(settings, (_, _) => { }));
            bus.AddRider(rider => rider.UsingKafka((_, kafka) => seen = kafka.Settings));
            Assert.Contains("'one:9092', and is to have 'two:9092'", Assert.Throws<ConfigurationException>(
                () => bus.AddRider(rider => rider.UsingKafka(new KafkaSettings { BootstrapServers = "two:9092" }, (_, _) => { }))).Message);
            bus.UsingInMemory();
        });
        await using var provider = services.BuildServiceProvider();

        _ = provider.GetRequiredService<IBusControl>();

        Assert.Same(settings, seen);
    }

    [Fact]
    public void The_client_takes_the_longest_session() =>
        Assert.Null(KafkaConfig.Problem(
            new KafkaSettings { BootstrapServers = "localhost:1", Consumer = { SessionTimeout = TimeSpan.FromMinutes(10) } }));

    [Fact]
    public void Transactions_keep_the_order_whatever_else_the_producer_is_set_to()
    {
        var config = new KafkaConfig(new KafkaSettings
        {
            BootstrapServers = "localhost:1",
            Producer = { Acks = Acks.Leader, MaxInFlight = 100 },
        }).Transactions("id", isNarrow: false);

        Assert.Equal(("-1", "5", "true"),
            (Get(config, "acks"), Get(config, "max.in.flight"), Get(config, "enable.idempotence")?.ToLowerInvariant()));
        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { })
            .Build();
    }

    [Fact]
    public void Without_settings_the_rider_takes_no_part()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Bus:Transport", "memory")]).Build();
        var services = new ServiceCollection();

        services.AddBus(configuration, [], [], [new KafkaRider()]);

        Assert.DoesNotContain(services, service => service.ServiceType == typeof(StreamRider<KafkaPlugin>));
    }

    [Theory]
    [InlineData(false, KafkaMechanism.None, "plaintext", null)]
    [InlineData(true, KafkaMechanism.None, "ssl", null)]
    [InlineData(false, KafkaMechanism.Plain, "sasl_plaintext", "PLAIN")]
    [InlineData(true, KafkaMechanism.ScramSha256, "sasl_ssl", "SCRAM-SHA-256")]
    [InlineData(true, KafkaMechanism.ScramSha512, "sasl_ssl", "SCRAM-SHA-512")]
    public void The_client_gets_the_security_that_is_set(bool tls, KafkaMechanism mechanism, string protocol, string? name)
    {
        var security = new KafkaSecurity { Mechanism = mechanism };
        if (mechanism != KafkaMechanism.None)
            (security.Username, security.Password) = ("bus", "secret");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("client.pem"), "-----BEGIN CERTIFICATE-----");
        var encryption = new TlsSettings { Enabled = tls };
        if (tls)
            (encryption.CertificateAuthority, encryption.Certificate, encryption.Key, encryption.KeyPassword) =
                ("ca.pem", "client.pem", "client.key", "open");
        var config = new KafkaConfig(
            new KafkaSettings { BootstrapServers = "one:9093,two:9093", Security = security, Tls = encryption },
            tls ? new TlsClient("Bus:Kafka:Tls", encryption, folder.Path) : null);

        foreach (var client in new ClientConfig[] { config.Producer(), config.Transactions("id", isNarrow: false), config.Admin(),
            config.Consumer(new StreamSubscription(["any"], "group", StreamPosition.Earliest, 1, IsTransactional: false)) })
        {
            Assert.Equal(("one:9093,two:9093", protocol), (client.Get("bootstrap.servers"), client.Get("security.protocol")));
            Assert.Equal(name is null ? (null, null, null) : (name, "bus", "secret"),
                (Get(client, "sasl.mechanism"), Get(client, "sasl.username"), Get(client, "sasl.password")));
            Assert.Equal(
                tls ? (folder.At("ca.pem"), folder.At("client.pem"), folder.At("client.key"), "open") : (null, null, null, null),
                (Get(client, "ssl.ca.location"), Get(client, "ssl.certificate.location"), Get(client, "ssl.key.location"),
                    Get(client, "ssl.key.password")));
        }
    }

    [Fact]
    public void The_client_takes_every_kind_of_security_that_can_be_set()
    {
        foreach (var mechanism in new[] { KafkaMechanism.Plain, KafkaMechanism.ScramSha256, KafkaMechanism.ScramSha512 })
        {
            foreach (var tls in new[] { false, true })
                Assert.Null(KafkaConfig.Problem(new KafkaSettings
                {
                    BootstrapServers = "localhost:1",
                    Tls = { Enabled = tls },
                    Security = { Mechanism = mechanism, Username = "bus", Password = "secret" },
                }));
        }
    }

    [Fact]
    public void The_consumer_hears_of_new_topics_and_partitions_within_ten_seconds()
    {
        var config = new KafkaConfig(new KafkaSettings { BootstrapServers = "localhost:1" }).Consumer(
            new StreamSubscription(["^any"], "group", StreamPosition.Earliest, 1, IsTransactional: false));

        Assert.Equal("10000", Get(config, "topic.metadata.refresh.interval.ms"));
        Assert.Equal("false", Get(config, "allow.auto.create.topics")?.ToLowerInvariant());
    }

    [Fact]
    public void The_producer_gets_the_settings_that_are_set()
    {
        var config = new KafkaConfig(new KafkaSettings
        {
            BootstrapServers = "one:9092",
            Producer = { Linger = TimeSpan.FromMilliseconds(
                7), BatchSize = 1_234, Compression = CompressionType.Zstd, MaxInFlight = 3, Partitioner = Partitioner.Consistent },
            Properties = { ["socket.keepalive.enable"] = "true", ["linger.ms"] = "9" },
        }).Producer();

        Assert.Equal(
            ("9", "1234", "zstd", "3", "consistent", "-1", "true", "true"),
            (Get(config, "linger.ms"), Get(config, "batch.size"), Get(config, "compression.type"), Get(config, "max.in.flight"),
                Get(config, "partitioner"), Get(config, "acks"),
                Get(config, "enable.idempotence")?.ToLowerInvariant(), Get(config, "socket.keepalive.enable")));
    }

    static string? Get(Config config, string name) => config.FirstOrDefault(pair => pair.Key == name).Value;
}
