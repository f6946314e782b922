using System.Text.RegularExpressions;

namespace Maestro.Bus.Riders;

/// <summary>How an endpoint works.</summary>
sealed class StreamEndpointSettings(string topic, string group)
{
    // How long a group may be away before the records of its retries are gone.
    static readonly TimeSpan Outage = TimeSpan.FromDays(7);

    public string Topic => topic;

    public string Group => group;

    public StreamPosition Start { get; set; } = StreamPosition.Earliest;

    public int Concurrency { get; set; } = 16;

    public int PollLimit { get; set; } = 500;

    public bool IsTransactional { get; set; }

    public bool HasBatches { get; set; }

    /// <summary>How many consumers, sagas and handlers its records go to.</summary>
    public int Consumers { get; set; }

    public TimeSpan HandOverLimit { get; set; } = TimeSpan.FromSeconds(20);

    public QueuePolicy? Policy { get; set; }

    public TopicSpecification? Create { get; set; }

    /// <summary>Reads the records' keys: a function of the record.</summary>
    public Delegate? KeyReader { get; set; }

    /// <summary>
    /// Reads the records' values, those without bytes included; none for messages in JSON, and whatever the bus has a serializer for.
    /// </summary>
    public Func<StreamRecord, object?>? ValueReader { get; set; }

    /// <summary>Makes what the plug-in shows consumers of a record; none where it shows no more than the record itself.</summary>
    public Func<StreamRecord, IRecordView>? View { get; set; }

    /// <summary>Settings of the plug-in's client that are the endpoint's own.</summary>
    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>What is read of the topic itself.</summary>
    public StreamSubscription Subscription => new([topic], group, Start, PollLimit, IsTransactional) { Properties = Properties };

    /// <summary>How many records are in hand at most: enough that the next ones are there when these are finished.</summary>
    public int Window => Math.Max(PollLimit, Concurrency) * 2;

    public bool IsPattern => topic.StartsWith('^');

    /// <summary>The topic of a retry. The names that a pattern stands for are not known, and a group may read by several.</summary>
    public string RetryTopic(int retry) => TopicNames.Retry(IsPattern ? TopicNames.OfPattern(topic) : topic, group, retry);

    public IEnumerable<string> RetryTopicNames => Enumerable.Range(1, Math.Max(0, (Policy?.Attempts ?? 1) - 1)).Select(RetryTopic);

    /// <summary>What is read: the topic, and the topics of its retries.</summary>
    public IEnumerable<(StreamSubscription Subscription, bool IsRetry)> Subscriptions()
    {
        yield return (Subscription, false);

        // Each a group of its own: one that is not yet due does not hold up another.
        foreach (var retry in RetryTopicNames)
            yield return (
                new StreamSubscription(
                    [retry], $"{group}-{retry[(retry.LastIndexOf("retry", StringComparison.Ordinal))..]}", StreamPosition.Earliest,
                    PollLimit, IsTransactional, MayBeAbsent: true)
                { Properties = Properties },
                true);
    }

    /// <summary>
    /// What is read to take the group's dead letters into the bus's database. Of a pattern's topics each has dead letters of its own.
    /// </summary>
    public StreamSubscription DeadLetters() =>
        new([IsPattern ? $"^.*{TopicNames.DeadLetters("")}$" : TopicNames.DeadLetters(topic)], $"{group}-dead-letters",
            StreamPosition.Earliest, DeadLetterPump.BatchSize, IsTransactional: false, MayBeAbsent: true);

    /// <summary>The topics that are created: the endpoint's own, and those of its failures.</summary>
    /// <param name="deadLetters">How long dead letters are kept; none where there are none.</param>
    public IEnumerable<TopicSpecification> CreatedTopics(TimeSpan? deadLetters)
    {
        if (Create is null)
            yield break;

        foreach (var retry in RetryTopicNames)
            yield return new TopicSpecification(
                retry, Create.Partitions, Create.Replicas, (Policy?.MaxRetryDelay ?? TimeSpan.Zero) + Outage)
            { FailuresOf = topic };

        if (IsPattern)
            yield break;

        yield return Create;
        if (deadLetters is { } retention)
            yield return CreatedDeadLetters(topic, retention);
    }

    /// <summary>The topic of a topic's dead letters as it is created.</summary>
    public TopicSpecification CreatedDeadLetters(string of, TimeSpan retention) =>
        new(TopicNames.DeadLetters(of), Create?.Partitions, Create?.Replicas, retention) { FailuresOf = of };

    /// <summary>The names of all topics that the endpoint makes use of.</summary>
    public IEnumerable<string> TopicsInUse(bool keepDeadLetters)
    {
        foreach (var retry in RetryTopicNames)
            yield return retry;

        if (IsPattern)
            yield break;

        yield return topic;
        if (keepDeadLetters)
            yield return TopicNames.DeadLetters(topic);
    }

    /// <summary>What the endpoint asks of its plug-in.</summary>
    public IEnumerable<(StreamCapabilities Capability, string What)> Needs()
    {
        yield return (StreamCapabilities.Subscription, "it is to be read");

        if (IsPattern)
            yield return (StreamCapabilities.PatternRouting, $"'{topic}' is a pattern");
        if (IsTransactional)
            yield return (StreamCapabilities.Transactions, "it is to work in transactions");
        if (Create is not null)
            yield return (StreamCapabilities.TopicCreation, "its topic is to be created");
        if (Start.Time is not null || Start.Offset is not null)
            yield return (StreamCapabilities.Replay, "it is to begin at an offset or a time");
        if (Policy is { Attempts: > 1 })
            yield return (StreamCapabilities.Publishing, "what fails is to be written to a retry topic");
    }

    /// <summary>What of its policy cannot be kept within a transaction.</summary>
    /// <param name="limit">How long a record may be worked on there; none without a limit.</param>
    public string? ProblemInTransactions(TimeSpan? limit) => IsTransactional && Policy?.ProcessingTimeout > limit
        ? $"Its ProcessingTimeout is {Policy?.ProcessingTimeout}, and a transaction leaves {limit} to a record. Use a shorter "
            + "ProcessingTimeout, or a longer TransactionTimeout."
        : null;

    public string? Problem()
    {
        if (string.IsNullOrWhiteSpace(topic))
            return "It names no topic.";
        if (string.IsNullOrWhiteSpace(group))
            return "It names no group.";
        if (!IsPattern)
            return null;

        try
        {
            _ = new Regex(topic);
            return null;
        }
        catch (RegexParseException exception)
        {
            return $"Its topic begins with ^ and is no regular expression: {exception.Message}";
        }
    }
}
