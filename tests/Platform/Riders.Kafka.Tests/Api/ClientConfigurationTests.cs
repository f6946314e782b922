using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>The client's settings as an application on MassTransit's rider writes them.</summary>
public sealed class ClientConfigurationTests
{
    readonly KafkaSettings _settings = new() { BootstrapServers = "broker:9092" };

    KafkaFactoryConfigurator Factory => field ??= new KafkaFactoryConfigurator(null!, _settings);

    [Fact]
    public void Each_setting_of_the_client_sets_one_property_of_its_own()
    {
        SetEach(Factory);
        Factory.ConfigureApi(SetEach);
        Factory.ConfigureSocket(SetEach);
        SetEach<IKafkaFetchConfigurator>(new KafkaFetchConfigurator(new ClientProperties(_settings.Properties)));

        Assert.Equal(
            """
            acks=-1
            api.version.fallback.ms=3000
            api.version.request=True
            api.version.request.timeout.ms=3000
            broker.address.family=v4
            broker.address.ttl=3
            broker.version.fallback=text
            client.rack=text
            debug=text
            fetch.error.backoff.ms=3000
            fetch.max.bytes=3
            fetch.min.bytes=3
            fetch.wait.max.ms=3000
            internal.termination.signal=3
            log.connection.close=True
            log.thread.name=True
            max.in.flight=3
            max.partition.fetch.bytes=3
            message.copy.max.bytes=3
            message.max.bytes=3
            metadata.max.age.ms=3000
            plugin.library.paths=text
            receive.message.max.bytes=3
            reconnect.backoff.max.ms=3000
            reconnect.backoff.ms=3000
            socket.keepalive.enable=True
            socket.max.fails=3
            socket.nagle.disable=True
            socket.receive.buffer.bytes=3
            socket.send.buffer.bytes=3
            socket.timeout.ms=3000
            topic.blacklist=text
            topic.metadata.refresh.fast.interval.ms=3000
            topic.metadata.refresh.interval.ms=3000
            topic.metadata.refresh.sparse=True
            """,
            Properties);
        Assert.Equal("text", _settings.ClientId);
    }

    [Fact]
    public void Encryption_and_user_set_the_clients_properties_and_how_it_connects()
    {
        Factory.Host("one:9092,two:9093", host =>
        {
            host.UseSsl(SetEach);
            host.UseSasl(sasl =>
            {
                SetEach(sasl);
                sasl.SecurityProtocol = null;
            });
        });
        Assert.ThrowsAny<ConfigurationException>(Factory.End);

        Assert.Equal("one:9092,two:9093", _settings.BootstrapServers);
        Assert.Equal(
            """
            enable.sasl.oauthbearer.unsecure.jwt=True
            sasl.kerberos.keytab=text
            sasl.kerberos.kinit.cmd=text
            sasl.kerberos.min.time.before.relogin=3
            sasl.kerberos.principal=text
            sasl.kerberos.service.name=text
            sasl.mechanism=PLAIN
            sasl.oauthbearer.config=text
            sasl.password=text
            sasl.username=text
            security.protocol=sasl_ssl
            ssl.ca.certificate.stores=text
            ssl.ca.location=text
            ssl.ca.pem=text
            ssl.certificate.location=text
            ssl.certificate.pem=text
            ssl.cipher.suites=text
            ssl.crl.location=text
            ssl.curves.list=text
            ssl.engine.id=text
            ssl.engine.location=text
            ssl.key.location=text
            ssl.key.password=text
            ssl.key.pem=text
            ssl.keystore.location=text
            ssl.keystore.password=text
            ssl.sigalgs.list=text
            """,
            Properties);
    }

    [Theory]
    [InlineData(true, false, null, "ssl")]
    [InlineData(false, true, null, "sasl_plaintext")]
    [InlineData(false, false, null, null)]
    [InlineData(false, false, SecurityProtocol.Plaintext, "plaintext")]
    [InlineData(true, false, SecurityProtocol.Ssl, "ssl")]
    public void How_it_connects_follows_from_encryption_and_user(
        bool isEncrypted, bool hasUser, SecurityProtocol? protocol, string? expected)
    {
        Connect(isEncrypted, hasUser, protocol);

        Factory.End();

        Assert.Equal(expected, _settings.Properties.GetValueOrDefault("security.protocol"));
    }

    [Theory]
    [InlineData(true, false, SecurityProtocol.Plaintext, "the connections would not be encrypted")]
    [InlineData(true, true, SecurityProtocol.SaslPlaintext, "the connections would not be encrypted")]
    [InlineData(false, true, SecurityProtocol.Plaintext, "the user would not be told")]
    [InlineData(true, true, SecurityProtocol.Ssl, "the user would not be told")]
    public void A_protocol_that_leaves_out_encryption_or_user_is_refused(
        bool isEncrypted, bool hasUser, SecurityProtocol protocol, string reason)
    {
        Connect(isEncrypted, hasUser, protocol);

        Assert.Contains(reason, Assert.Throws<ConfigurationException>(Factory.End).Message);
    }

    [Fact]
    public void What_the_client_does_not_take_is_refused_with_its_words()
    {
        Factory.Debug = "nonsense";

        Assert.Contains("nonsense", Assert.Throws<ConfigurationException>(Factory.End).Message);
    }

    [Fact]
    public void A_client_configuration_is_the_riders()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Services.AddMassTransit(x => x.AddRider(rider => rider.UsingKafka(
            new ClientConfig { BootstrapServers = "own:9092", ClientId = "acme", SocketNagleDisable = true, Acks = Acks.Leader },
            (_, _) => { })));

        var settings = builder.Services.Select(service => service.ImplementationInstance).OfType<KafkaCluster>().Single().Settings;

        Assert.Equal(("own:9092", "acme"), (settings.BootstrapServers, settings.ClientId));
        Assert.Equal(
            [("acks", "1"), ("socket.nagle.disable", "True")],
            settings.Properties.Select(property => (property.Key, property.Value)).Order());
    }

    string Properties => string.Join('\n', _settings.Properties
        .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key}={property.Value}"));

    void Connect(bool isEncrypted, bool hasUser, SecurityProtocol? protocol) => Factory.Host("broker:9092", host =>
    {
        if (isEncrypted)
            host.UseSsl(_ => { });
        if (hasUser)
        {
            host.UseSasl(sasl =>
            {
                (sasl.Mechanism, sasl.Username, sasl.Password) = (SaslMechanism.Plain, "guest", "secret");
                sasl.SecurityProtocol = protocol;
            });
        }

        Factory.SecurityProtocol = protocol;
    });

    // Each property of the interface, with a value by its type.
    static void SetEach<T>(T configurator)
        where T : class
    {
        var type = typeof(T) == typeof(KafkaFactoryConfigurator) ? typeof(IKafkaFactoryConfigurator) : typeof(T);
        foreach (var property in type.GetProperties().Where(property => property is { CanWrite: true, CanRead: false }))
        {
            var valueType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            object value = valueType == typeof(string) ? "text"
                : valueType == typeof(int) ? 3
                : valueType == typeof(bool) ? true
                : valueType == typeof(TimeSpan) ? TimeSpan.FromSeconds(3)
                : valueType == typeof(Acks) ? Acks.All
                : valueType == typeof(SaslMechanism) ? SaslMechanism.Plain
                : valueType == typeof(BrokerAddressFamily) ? BrokerAddressFamily.V4
                : valueType == typeof(SecurityProtocol) ? SecurityProtocol.Plaintext
                : throw new InvalidOperationException(
                    $"{property.Name} is of the type {valueType.Name}, which this test has no value for.");
            property.SetValue(configurator, value);
        }
    }
}
