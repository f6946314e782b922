using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Encrypted connections to a real broker.</summary>
[Collection("users")]
public sealed class TlsTests(KafkaBroker broker) : IClassFixture<KafkaBroker>, IDisposable
{
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_certificate_of_the_named_authority_for_the_brokers_address_is_accepted()
    {
        var (plugin, _) = Plugin($"127.0.0.1:{broker.Real.TlsPort}", broker.Real.Authority);
        await using (plugin)
            await plugin.Probe(Limit, Cancel);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        _ = broker.Real.TlsPort;
        using var other = new TestAuthority("other");
        File.WriteAllText(_folder.At("ca.pem"), other.Pem);
        var (plugin, _) = Plugin($"127.0.0.1:{broker.Real.TlsPort}", _folder.At("ca.pem"));
        await using (plugin)
            await Refused(plugin, "Unknown CA: ", "Name the file of its authority in Bus:Kafka:Tls:CertificateAuthority.");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        await using var forwarder = new Forwarder("127.0.0.2", broker.Real.TlsPort);
        var (plugin, _) = Plugin(forwarder.Address, broker.Real.Authority);
        await using (plugin)
            await Refused(
                plugin, "Wrong name: ", "and not for 127.0.0.2. Connect to a name that it is for, and have the server advertise that.");
    }

    [Fact]
    public async Task Producers_and_consumers_are_made_anew_once_the_files_have_changed()
    {
        File.Copy(broker.Real.Authority, _folder.At("ca.pem"));
        var (plugin, tls) = Plugin($"127.0.0.1:{broker.Real.TlsPort}", _folder.At("ca.pem"));
        await using var disposed = plugin;
        await plugin.Produce(Record(1), Cancel);
        await using var consumer = plugin.Consume(Subscription, NoPartitions.Instance);
        await Eventually.True(() => Task.FromResult(consumer.Receive(1, TimeSpan.FromSeconds(1)).Count == 1), Limit, "the record", Cancel);

        // Another authority: clients that are made now are refused.
        using (var other = new TestAuthority("other"))
            File.WriteAllText(_folder.At("ca.pem"), other.Pem);
        tls.Refresh();

        Assert.Throws<CertificatesChangedException>(() => consumer.Receive(1, TimeSpan.Zero));
        await Refused(plugin);

        File.Copy(broker.Real.Authority, _folder.At("ca.pem"), overwrite: true);
        tls.Refresh();

        await plugin.Probe(Limit, Cancel);
        await plugin.Produce(Record(2), Cancel);
    }

    static StreamSubscription Subscription => new(["changes"], "readers", StreamPosition.Earliest, 1, IsTransactional: false);

    static OutgoingRecord Record(byte number) => new("changes", [number], [number], new RecordHeaders(0));

    static (KafkaPlugin Plugin, TlsClient Tls) Plugin(string servers, string authority)
    {
        var settings = new KafkaSettings
        {
            BootstrapServers = servers,
            Security = { Mechanism = KafkaMechanism.ScramSha256, Username = "bus", Password = "bus-secret" },
            Tls = { Enabled = true, CertificateAuthority = authority },
        };
        var tls = new TlsClient("Bus:Kafka:Tls", settings.Tls, "/");
        tls.Refresh();
        return (new KafkaPlugin(settings, NullLogger<KafkaPlugin>.Instance, tls), tls);
    }

    static Task Refused(KafkaPlugin plugin, params string[] texts) => Eventually.True(
        async () =>
        {
            // The first answer may be that there is none yet.
            var refusal = await Assert.ThrowsAsync<KafkaException>(() => plugin.Probe(Moment, Cancel));
            return refusal.Message.Contains("certificate verify failed", StringComparison.Ordinal)
                && texts.All(text => refusal.Message.Contains(text, StringComparison.Ordinal));
        },
        Limit, "the refusal of the certificate", Cancel);
}
