namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Looks from time to time whether a consumer's topics are there, and are those that it began to read: the client only knows their names.
/// </summary>
sealed class TopicWatch(
    StreamSubscription subscription, KafkaBrokers brokers, KafkaMembership membership, TimeProvider time, ILogger logger)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    TimeSpan _next;
    Task _look = Task.CompletedTask;
    string? _told;
    volatile string? _remade;
    volatile bool _wasAbsent;

    /// <summary>A topic that is not the one that was read; none where they all are.</summary>
    public string? Remade => _remade;

    /// <summary>Whether a topic was missing at some time: what it has since is read from its beginning.</summary>
    public bool WasAbsent => _wasAbsent;

    public void LookIfDue(IEnumerable<TopicPartition> assigned)
    {
        if (!_look.IsCompleted || time.Monotonic() is var now && now < _next)
            return;

        _next = now + Interval;
        List<string> names = subscription.IsPattern ? [.. assigned.Select(partition => partition.Topic).Distinct()]
            : [.. subscription.Topics];
        if (names.Count > 0)
            _look = Task.Run(() => Look(names));
    }

    async Task Look(List<string> names)
    {
        try
        {
            var topics = await brokers.Topics(names).ConfigureAwait(false);
            Tell(topics.Select(topic => (topic.Name, Problem: Problem(topic.Error))).FirstOrDefault(topic => topic.Problem is not null));

            foreach (var topic in topics.Where(topic => !topic.Error.IsError))
            {
                if (!_ids.TryAdd(topic.Name, $"{topic.TopicId}") && _ids[topic.Name] != $"{topic.TopicId}")
                {
                    Log.Remade(logger, topic.Name, subscription.Group);
                    brokers.Remade[(subscription.Group, topic.Name)] = true;
                    _remade = topic.Name;
                }
            }
        }
        catch (Exception exception)
        {
            // The broker is away, which others tell of.
            Log.NotTold(logger, exception, subscription.Group);
        }
    }

    void Tell((string Name, string? Problem) topic)
    {
        if (topic.Problem is not null)
            _wasAbsent = true;
        if (subscription.MayBeAbsent)
            return;

        membership.Topics(topic.Problem is null ? null : $"{topic.Name} {topic.Problem}");
        if (topic.Problem is not null && topic.Problem != _told)
            Log.TopicProblem(logger, topic.Name, topic.Problem);
        _told = topic.Problem;
    }

    static string? Problem(Error error) => error.Code switch
    {
        ErrorCode.UnknownTopicOrPart => "is not there. Create it; reading does not.",
        ErrorCode.TopicAuthorizationFailed => "may not be read by this user: the broker refuses it. Allow it to read the topic.",
        _ => null,
    };
}
