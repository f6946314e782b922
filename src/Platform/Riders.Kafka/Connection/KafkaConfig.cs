using System.Reflection;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Makes librdkafka's configurations of the settings.</summary>
sealed class KafkaConfig(KafkaSettings settings, TlsClient? tls = null)
{
    const int MaxInFlightInOrder = 5;
    const int MaxPollInterval = 300_000;

    // How long a new topic or partition may take to be found.
    static readonly TimeSpan MetadataInterval = TimeSpan.FromSeconds(10);

    // How the consumer works depends on these.
    static readonly Dictionary<string, string> Reserved = new(StringComparer.Ordinal)
    {
        ["group.id"] = "Name the group where the endpoint is added",
        ["group.instance.id"] = "Use Consumer:Member, which gives each member its own",
        ["group.protocol"] = "Use Consumer:Protocol, which leaves out the settings that the client refuses with it",
        ["auto.offset.reset"] = "Use Start",
        ["enable.auto.commit"] = "What is finished is committed, and nothing else",
        ["enable.auto.offset.store"] = "What is finished is committed, and nothing else",
        ["enable.partition.eof"] = "The lag is told by it",
        ["allow.auto.create.topics"] = "Use CreateIfMissing",
    };

    /// <summary>
    /// What the client itself says against settings, such as a certificate that it cannot read or a property that it does not know; none
    /// where it takes them.
    /// </summary>
    public static string? Problem(KafkaSettings settings)
    {
        var config = new KafkaConfig(settings);
        return Refused("the settings", () =>
        {
            using var producer = new ProducerBuilder<byte[], byte[]>(config.Producer())
                .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            config.Probe(new StreamSubscription(["any"], "any", StreamPosition.Earliest, 1, IsTransactional: false));
        });
    }

    /// <summary>What the client says against an endpoint's own settings; none where it takes them.</summary>
    public string? Problem(StreamSubscription subscription)
    {
        foreach (var name in subscription.Properties.Keys)
        {
            if (Reserved.TryGetValue(name, out var instead))
                return $"Its property {name} is the rider's own. {instead}, and leave it out.";
        }

        return subscription.Properties.Count > 0 ? Refused("its properties", () => Probe(subscription)) : null;
    }

    /// <summary>Sets how long a member may be silent, and what goes with it.</summary>
    public static void SetSession(ConsumerConfig config, TimeSpan session)
    {
        config.SessionTimeoutMs = (int)session.TotalMilliseconds;
        config.HeartbeatIntervalMs = (int)Math.Max(100, session.TotalMilliseconds / 5);
        config.MaxPollIntervalMs = PollInterval(session);
    }

    /// <summary>Counts the changes of the certificates that clients are made with.</summary>
    public int Version => tls?.Version ?? 0;

    public ProducerConfig Producer() => With(settings.Producer.ApplyTo(new ProducerConfig()));

    /// <summary>A producer that sends one record at a time.</summary>
    public ProducerConfig LoneProducer()
    {
        var config = Producer();
        config.BatchNumMessages = 1;
        return config;
    }

    public ProducerConfig Transactions(string id, bool isNarrow)
    {
        var config = Producer();
        config.TransactionalId = id;
        config.TransactionTimeoutMs = (int)settings.Consumer.TransactionTimeout.TotalMilliseconds;
        config.MessageTimeoutMs = Math.Min(config.MessageTimeoutMs ?? int.MaxValue, config.TransactionTimeoutMs.Value);
        config.EnableIdempotence = true;
        config.MaxInFlight = Math.Min(config.MaxInFlight ?? MaxInFlightInOrder, MaxInFlightInOrder);
        config.Acks = Acks.All;
        if (isNarrow)
            config.BatchNumMessages = 1;
        return config;
    }

    public ConsumerConfig Consumer(StreamSubscription subscription)
    {
        var session = settings.Consumer.SessionTimeout;
        var config = new ConsumerConfig
        {
            GroupId = subscription.Group,
            // Where a group begins that is new is decided by the consumer. The client asks this for an offset that is gone, too: the
            // nearest is the first that is there.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = !subscription.IsTransactional,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = (int)settings.Consumer.CommitInterval.TotalMilliseconds,
            MaxPollIntervalMs = PollInterval(session),
            IsolationLevel = IsolationLevel.ReadCommitted,
            AllowAutoCreateTopics = false,
            EnablePartitionEof = true,
        };

        if (settings.Consumer.Member is { Length: > 0 } member)
            config.GroupInstanceId = KafkaNames.Member(member, subscription.Topics);
        if (subscription.IsPattern)
            config.TopicBlacklist = "^__";

        // With the newer protocol these are the broker's to say, and the client refuses them.
        config.GroupProtocol = settings.Consumer.Protocol;
        if (settings.Consumer.Protocol == GroupProtocol.Classic)
        {
            SetSession(config, session);
            config.PartitionAssignmentStrategy = settings.Consumer.Assignment;
        }

        With(config);
        foreach (var (name, value) in subscription.Properties)
            config.Set(name, value);
        return config;
    }

    public AdminClientConfig Admin() => With(new AdminClientConfig());

    /// <summary>Makes a consumer that only tells whether the client takes its settings.</summary>
    void Probe(StreamSubscription subscription) => new ConsumerBuilder<byte[], byte[]>(Consumer(subscription))
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build().Dispose();

    static string? Refused(string what, Action make)
    {
        try
        {
            make();
            return null;
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException or ArgumentException)
        {
            // What the client does not take, it says.
            return $"The client does not take {what}: {exception.Message.Trim().TrimEnd('.')}. Correct what it names, or leave it out.";
        }
    }

    static int PollInterval(TimeSpan session) => (int)Math.Max(MaxPollInterval, session.TotalMilliseconds);

    T With<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = settings.BootstrapServers;
        config.ClientId = settings.ClientId ?? Assembly.GetEntryAssembly()?.GetName().Name ?? KafkaPlugin.SchemeName;
        // A broker that has come back is found within the time that its health may take to say so.
        config.ReconnectBackoffMs = 100;
        config.ReconnectBackoffMaxMs = 2_000;
        config.TopicMetadataRefreshFastIntervalMs = 250;
        config.TopicMetadataRefreshIntervalMs = (int)MetadataInterval.TotalMilliseconds;
        settings.Security.ApplyTo(config, isEncrypted: settings.Tls.Enabled == true);
        if (tls is not null)
            KafkaTls.ApplyTo(config, tls);

        foreach (var (name, value) in settings.Properties)
            config.Set(name, value);

        return config;
    }
}
