using System.Text.RegularExpressions;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>A topic as this process sees it.</summary>
sealed class BrokerTopic(long id, string name)
{
    readonly Dictionary<string, BrokerQueue[]> _routes = new(StringComparer.Ordinal);

    public long Id => id;

    public string Name => name;

    public List<Subscription<BrokerTopic>> Topics { get; } = [];

    public List<Subscription<BrokerQueue>> Queues { get; } = [];

    /// <summary>The queues that a message with this routing key goes to, each once.</summary>
    public BrokerQueue[] Route(string? routingKey)
    {
        var key = routingKey ?? "";
        if (_routes.TryGetValue(key, out var known))
            return known;

        // Routing keys may be as many as there are messages.
        if (_routes.Count > 1000)
            _routes.Clear();

        var queues = new HashSet<BrokerQueue>();
        Collect(key, queues, []);
        return _routes[key] = [.. queues];
    }

    public void ForgetRoutes() => _routes.Clear();

    void Collect(string key, HashSet<BrokerQueue> queues, HashSet<BrokerTopic> seen)
    {
        if (!seen.Add(this))
            return;

        queues.UnionWith(Queues.Where(subscription => subscription.Matches(key)).Select(subscription => subscription.Destination));
        foreach (var subscription in Topics.Where(subscription => subscription.Matches(key)))
            subscription.Destination.Collect(key, queues, seen);
    }
}

/// <summary>What passes a topic's messages on to a topic or queue.</summary>
sealed record Subscription<T>(T Destination, SqlSubscriptionType Type, string RoutingKey)
    where T : class
{
    readonly Regex? _pattern = Type == SqlSubscriptionType.Pattern
        ? new Regex(RoutingKey, RegexOptions.Compiled, TimeSpan.FromSeconds(1))
        : null;

    public bool Matches(string routingKey) => Type switch
    {
        SqlSubscriptionType.RoutingKey => RoutingKey == routingKey,
        SqlSubscriptionType.Pattern => _pattern!.IsMatch(routingKey),
        _ => true,
    };
}
