using System.Reflection;

namespace MaestroBus.Riders.Kafka;

/// <summary>Makes librdkafka's configurations of the settings.</summary>
sealed class KafkaConfig(KafkaSettings settings)
{
    const int MaxInFlightInOrder = 5;
    const int MaxPollInterval = 300_000;

    /// <summary>What the client itself says against settings, such as a certificate that it cannot read or a property that it does not know; none where it takes them.</summary>
    public static string? Problem(KafkaSettings settings)
    {
        var config = new KafkaConfig(settings);

        try
        {
            using var producer = new ProducerBuilder<byte[], byte[]>(config.Producer()).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            using var consumer = new ConsumerBuilder<byte[], byte[]>(config.Consumer(new StreamSubscription(["any"], "any", StreamPosition.Earliest, 1, IsTransactional: false)))
                .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            return null;
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException or ArgumentException)
        {
            return $"The client does not take the settings: {exception.Message.Trim().TrimEnd('.')}. Correct what it names, or leave it out.";
        }
    }

    public ProducerConfig Producer() => With(settings.Producer.ApplyTo(new ProducerConfig()));

    public ProducerConfig Transactions(string id)
    {
        var config = Producer();
        config.TransactionalId = id;
        config.TransactionTimeoutMs = (int)settings.Consumer.TransactionTimeout.TotalMilliseconds;
        config.MessageTimeoutMs = Math.Min(config.MessageTimeoutMs ?? int.MaxValue, config.TransactionTimeoutMs.Value);
        config.EnableIdempotence = true;
        config.MaxInFlight = Math.Min(config.MaxInFlight ?? MaxInFlightInOrder, MaxInFlightInOrder);
        config.Acks = Acks.All;
        return config;
    }

    public ConsumerConfig Consumer(StreamSubscription subscription) => With(new ConsumerConfig
    {
        GroupId = subscription.Group,
        AutoOffsetReset = subscription.Start == StreamPosition.Latest ? AutoOffsetReset.Latest
            : subscription.Start == StreamPosition.Earliest ? settings.Consumer.OffsetReset
            : AutoOffsetReset.Earliest,
        EnableAutoCommit = !subscription.IsTransactional,
        EnableAutoOffsetStore = false,
        AutoCommitIntervalMs = (int)settings.Consumer.CommitInterval.TotalMilliseconds,
        SessionTimeoutMs = (int)settings.Consumer.SessionTimeout.TotalMilliseconds,
        MaxPollIntervalMs = (int)Math.Max(MaxPollInterval, settings.Consumer.SessionTimeout.TotalMilliseconds),
        HeartbeatIntervalMs = (int)Math.Max(100, settings.Consumer.SessionTimeout.TotalMilliseconds / 5),
        IsolationLevel = IsolationLevel.ReadCommitted,
        PartitionAssignmentStrategy = settings.Consumer.Assignment,
        AllowAutoCreateTopics = true,
        EnablePartitionEof = false,
    });

    public AdminClientConfig Admin() => With(new AdminClientConfig());

    T With<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = settings.BootstrapServers;
        config.ClientId = settings.ClientId ?? Assembly.GetEntryAssembly()?.GetName().Name ?? KafkaPlugin.SchemeName;
        // A broker that has come back is found within the time that its health may take to say so.
        config.ReconnectBackoffMs = 100;
        config.ReconnectBackoffMaxMs = 2_000;
        config.TopicMetadataRefreshFastIntervalMs = 250;
        settings.Security.ApplyTo(config);

        foreach (var (name, value) in settings.Properties)
            config.Set(name, value);

        return config;
    }
}
