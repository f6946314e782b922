using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Creates the topics that are not there, and says once what is wrong with those that are.</summary>
sealed class KafkaTopicCreation(Renewable<IAdminClient> admin, KafkaBrokers brokers, ILogger logger)
{
    const string Retention = "retention.ms";
    const string Cleanup = "cleanup.policy";
    const string Largest = "max.message.bytes";

    // What a record gets on its way to the dead letters, the trace of its failure above all.
    const long Headers = 1_048_576;

    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // No later attempt fares better: somebody has to change the broker, or the settings.
    static readonly ErrorCode[] Refusals =
    [
        ErrorCode.TopicAuthorizationFailed, ErrorCode.ClusterAuthorizationFailed, ErrorCode.PolicyViolation,
        ErrorCode.InvalidReplicationFactor, ErrorCode.InvalidPartitions,
        ErrorCode.InvalidConfig, ErrorCode.InvalidRequest, ErrorCode.TopicException,
    ];

    readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    public async Task Create(IEnumerable<TopicSpecification> topics, CancellationToken cancellationToken)
    {
        var wanted = topics.DistinctBy(topic => topic.Name).ToList();
        if (wanted.Count == 0)
            return;

        // A broker refuses whoever may not create topics before it looks whether the topic is there.
        var there = (await brokers.Topics([.. wanted.Select(topic => topic.Name)]).WaitAsync(cancellationToken).ConfigureAwait(false))
            .Where(topic => !topic.Error.IsError).ToDictionary(topic => topic.Name, topic => topic.Partitions.Count);

        foreach (var topic in wanted.Where(
            topic => topic.Partitions is { } count && there.TryGetValue(topic.Name, out var actual) && actual != count))
            Tell(topic.Name, () => Log.OtherPartitions(logger, topic.Name, there[topic.Name], topic.Partitions!.Value));

        // What a topic of failures has to take shows when its topic is there.
        await Create(
            [.. wanted.Where(topic => topic.FailuresOf is null && !there.ContainsKey(topic.Name))
                .Select(topic => Specification(topic, null))], cancellationToken)
            .ConfigureAwait(false);
        var failures = wanted.Where(topic => topic.FailuresOf is not null).ToList();
        if (failures.Count == 0)
            return;

        var known = await Settings(failures.Where(topic => there.ContainsKey(topic.Name)).Select(topic => topic.Name)
            .Concat(failures.Select(topic => topic.FailuresOf!).Where(topic => !topic.StartsWith('^')))).WaitAsync(cancellationToken)
            .ConfigureAwait(false);
        foreach (var topic in failures.Where(topic => there.ContainsKey(topic.Name) && known.ContainsKey(topic.Name)))
            Check(topic, known[topic.Name], known.GetValueOrDefault(topic.FailuresOf!));
        await Create(
            [.. failures.Where(topic => !there.ContainsKey(topic.Name))
                .Select(topic => Specification(topic, known.GetValueOrDefault(topic.FailuresOf!)))], cancellationToken)
            .ConfigureAwait(false);
    }

    static Confluent.Kafka.Admin.TopicSpecification Specification(TopicSpecification topic, Dictionary<string, ConfigEntryResult>? origin)
    {
        Dictionary<string, string> settings = [];
        if (topic.Retention is { } retention)
            settings[Retention] = retention.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

        if (topic.FailuresOf is not null)
        {
            settings[Cleanup] = "delete";
            if (Number(origin, Largest) is { } largest)
                settings[Largest] = Math.Min(int.MaxValue, largest + Headers).ToString(CultureInfo.InvariantCulture);
        }

        return new()
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions ?? -1,
            ReplicationFactor = topic.Replicas ?? -1,
            Configs = settings,
        };
    }

    static long? Number(Dictionary<string, ConfigEntryResult>? settings, string name) =>
        settings is not null && settings.TryGetValue(name, out var entry)
            && long.TryParse(entry.Value, CultureInfo.InvariantCulture, out var value) ? value : null;

    void Check(TopicSpecification topic, Dictionary<string, ConfigEntryResult> settings, Dictionary<string, ConfigEntryResult>? origin)
    {
        List<string> lacks = [];
        if (topic.Retention is { } retention && Number(settings, Retention) is >= 0 and var kept && kept < retention.TotalMilliseconds)
            lacks.Add($"its {Retention} is {kept}, and {retention.TotalMilliseconds:0} is meant");
        if (settings.TryGetValue(Cleanup, out var cleanup) && cleanup.Value.Contains("compact", StringComparison.Ordinal))
            lacks.Add($"its {Cleanup} is {cleanup.Value}, and delete is meant: of the records of a key only the last would be left");
        if (Number(settings, Largest) is { } takes && Number(origin, Largest) is { } largest && takes < largest)
            lacks.Add($"its {Largest} is {takes}, and {topic.FailuresOf} has {largest}");

        if (lacks.Count > 0)
            Tell(topic.Name, () => Log.KeepsTooLittle(logger, topic.Name, topic.FailuresOf!, string.Join("; ", lacks)));
    }

    async Task Create(List<Confluent.Kafka.Admin.TopicSpecification> topics, CancellationToken cancellationToken)
    {
        if (topics.Count == 0)
            return;

        try
        {
            await admin.Use(async client =>
            {
                await client.CreateTopicsAsync(topics, new CreateTopicsOptions { RequestTimeout = AnswerLimit })
                    .WaitAsync(cancellationToken)
                    .ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
        catch (CreateTopicsException exception) when (exception.Results.All(
            result => !result.Error.IsError || result.Error.Code == ErrorCode.TopicAlreadyExists || Refusals.Contains(result.Error.Code)))
        {
            // Another host may have been faster.
            foreach (var refused in exception.Results.Where(result => Refusals.Contains(result.Error.Code)))
                Tell(refused.Topic, () => Log.TopicRefused(logger, refused.Topic, refused.Error.Reason));
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_UnsupportedFeature)
        {
            Log.NoTopicCreation(logger);
        }
    }

    async Task<Dictionary<string, Dictionary<string, ConfigEntryResult>>> Settings(IEnumerable<string> topics)
    {
        try
        {
            var results = await admin.Use(client => client.DescribeConfigsAsync(
                topics.Distinct().Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic }),
                new DescribeConfigsOptions { RequestTimeout = AnswerLimit })).ConfigureAwait(false);
            return results.ToDictionary(result => result.ConfigResource.Name, result => result.Entries);
        }
        catch (DescribeConfigsException exception)
        {
            // Who may create topics may not always ask for their settings; and one may not be there.
            return exception.Results.Where(result => !result.Error.IsError).ToDictionary(
                result => result.ConfigResource.Name, result => result.Entries);
        }
        catch (KafkaException exception)
        {
            // Some brokers cannot be asked.
            Log.Client(logger, exception.Message);
            return [];
        }
    }

    // They are looked at whenever something is amiss.
    void Tell(string topic, Action tell)
    {
        if (_told.TryAdd(topic, true))
            tell();
    }
}
