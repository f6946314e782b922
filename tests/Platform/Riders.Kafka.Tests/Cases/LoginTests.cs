using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Logins, rights and certificates: each works, or says which of them it was.</summary>
[Collection("users")]
public sealed class LoginTests(GuestBroker broker) : RealBrokerScenario<GuestBroker>(broker)
{
    [Theory]
    [InlineData(KafkaMechanism.Plain, false)]
    [InlineData(KafkaMechanism.ScramSha256, false)]
    [InlineData(KafkaMechanism.ScramSha512, false)]
    [InlineData(KafkaMechanism.Plain, true)]
    [InlineData(KafkaMechanism.ScramSha256, true)]
    [InlineData(KafkaMechanism.ScramSha512, true)]
    public async Task A_login_writes_and_reads(KafkaMechanism mechanism, bool isEncrypted)
    {
        var topic = await NewTopic(1);
        await using var plugin = Plugin(mechanism, "guest-secret", isEncrypted);
        await using var consumer = plugin.Consume(
            new StreamSubscription([topic], Group, StreamPosition.Earliest, 10, IsTransactional: false), NoPartitions.Instance);

        await plugin.Produce(Record(topic, "key", "value"), Cancel);

        Assert.Equal("value", Text((await Receive(consumer, 1))[0].Value));
    }

    [Theory]
    [InlineData(KafkaMechanism.Plain, "Invalid username or password")]
    [InlineData(KafkaMechanism.ScramSha256, "invalid credentials")]
    [InlineData(KafkaMechanism.ScramSha512, "invalid credentials")]
    public async Task A_wrong_password_is_named(KafkaMechanism mechanism, string reason)
    {
        await using var plugin = Plugin(mechanism, "wrong", isEncrypted: false);

        var refusal = await Eventually.Some(
            async () =>
            {
                try
                {
                    await plugin.Probe(TimeSpan.FromSeconds(2), Cancel);
                    return "It was let in.";
                }
                catch (KafkaException exception)
                {
                    // The first answer may be that there is none yet.
                    return exception.Message.Contains(reason, StringComparison.OrdinalIgnoreCase) ? exception.Message : null;
                }
            },
            Limit, "the reason", Cancel);

        Assert.Contains($"localhost:{Broker.Real.LoginPort}", refusal);
    }

    [Fact]
    public async Task A_topic_that_may_not_be_written_is_named()
    {
        var topic = await NewTopic(1);
        await using var denied = await Deny(ResourceType.Topic, topic, AclOperation.Write);
        await using var plugin = Plugin(KafkaMechanism.Plain, "guest-secret", isEncrypted: false);

        var refusal = await Assert.ThrowsAnyAsync<KafkaException>(() => plugin.Produce(Record(topic, "key", "value"), Cancel));

        Assert.Contains($"The broker does not let it write to '{topic}'", refusal.Message);
        Assert.Contains("authorization failed", refusal.Message);
    }

    KafkaPlugin Plugin(KafkaMechanism mechanism, string password, bool isEncrypted)
    {
        var settings = Broker.Settings;
        (settings.Security.Mechanism, settings.Security.Password) = (mechanism, password);
        if (!isEncrypted)
            return new KafkaPlugin(settings, new PluginLog(new LogLines()));

        settings.BootstrapServers = $"localhost:{Broker.Real.TlsPort}";
        (settings.Tls.Enabled, settings.Tls.CertificateAuthority) = (true, Broker.Real.Authority);
        return new KafkaPlugin(settings, new PluginLog(new LogLines()));
    }
}
