using System.Text.RegularExpressions;

namespace MaestroBus.Riders;

/// <summary>How an endpoint works.</summary>
sealed class StreamEndpointSettings(string topic, string group)
{
    public string Topic => topic;

    public string Group => group;

    public StreamPosition Start { get; set; } = StreamPosition.Earliest;

    public int Concurrency { get; set; } = 16;

    public int PollLimit { get; set; } = 500;

    public bool IsTransactional { get; set; }

    public bool HasBatches { get; set; }

    public TimeSpan HandOverLimit { get; set; } = TimeSpan.FromSeconds(20);

    public QueuePolicy? Policy { get; set; }

    public TopicSpecification? Create { get; set; }

    /// <summary>How many records are in hand at most: enough that the next ones are there when these are finished.</summary>
    public int Window => Math.Max(PollLimit, Concurrency) * 2;

    public bool IsPattern => topic.StartsWith('^');

    public string RetryTopic(int retry) => IsPattern ? $"{group}-retry-{retry}" : TopicNames.Retry(topic, group, retry);

    public IEnumerable<string> RetryTopicNames => Enumerable.Range(1, Math.Max(0, (Policy?.Attempts ?? 1) - 1)).Select(RetryTopic);

    /// <summary>What is read: the topic, and the topics of its retries.</summary>
    public IEnumerable<(StreamSubscription Subscription, bool IsRetry)> Subscriptions()
    {
        yield return (new StreamSubscription([topic], group, Start, PollLimit, IsTransactional), false);

        // Each a group of its own: one that is not yet due does not hold up another.
        foreach (var retry in RetryTopicNames)
            yield return (new StreamSubscription([retry], $"{group}-{retry[(retry.LastIndexOf("retry", StringComparison.Ordinal))..]}", StreamPosition.Earliest, PollLimit, IsTransactional), true);
    }

    /// <summary>What is read to take the group's dead letters into the bus's database. Of a pattern's topics each has dead letters of its own.</summary>
    public StreamSubscription DeadLetters() =>
        new([IsPattern ? $"^.*{TopicNames.DeadLetters("")}$" : TopicNames.DeadLetters(topic)], $"{group}-dead-letters", StreamPosition.Earliest, DeadLetterPump.BatchSize, IsTransactional: false);

    /// <summary>The topics that are created: the endpoint's own, and those of its failures.</summary>
    public IEnumerable<TopicSpecification> CreatedTopics() =>
        Create is null ? [] : [Create, .. RetryTopicNames.Append(TopicNames.DeadLetters(topic)).Select(name => new TopicSpecification(name, Create.Partitions, Create.Replicas))];

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
