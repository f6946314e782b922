namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The file's queues, topics and subscriptions, kept in memory too. Used on the writer's thread only.</summary>
sealed class Topology
{
    const int DefaultMaxDeliveryCount = 10;

    readonly Dictionary<string, BrokerQueue> _queues = new(StringComparer.Ordinal);
    readonly Dictionary<long, BrokerQueue> _queuesById = [];
    readonly Dictionary<string, BrokerTopic> _topics = new(StringComparer.Ordinal);
    readonly Dictionary<long, BrokerTopic> _topicsById = [];
    readonly Database _database;
    readonly Clock _clock;
    readonly Statement _version;
    readonly Statement _changed;
    readonly Statement _insertQueue;
    readonly Statement _updateQueue;
    readonly Statement _insertTopic;
    readonly Statement _insertTopicSubscription;
    readonly Statement _insertQueueSubscription;
    long _known = -1;

    public Topology(Database database, Clock clock)
    {
        _database = database;
        _clock = clock;
        _version = database.Prepare("SELECT topology FROM meta");
        _changed = database.Prepare("UPDATE meta SET topology = topology + 1");
        _insertQueue = database.Prepare("INSERT INTO queue (name, auto_delete, max_delivery_count, touched) VALUES (?1, ?2, ?3, ?4)");
        _updateQueue = database.Prepare("UPDATE queue SET auto_delete = ?2, max_delivery_count = ?3, touched = ?4 WHERE id = ?1");
        _insertTopic = database.Prepare("INSERT INTO topic (name) VALUES (?1)");
        _insertTopicSubscription = database.Prepare("INSERT OR IGNORE INTO topic_subscription VALUES (?1, ?2, ?3, ?4)");
        _insertQueueSubscription = database.Prepare("INSERT OR IGNORE INTO queue_subscription VALUES (?1, ?2, ?3, ?4)");
    }

    public IReadOnlyCollection<BrokerQueue> Queues => _queues.Values;

    public BrokerQueue? Find(long queueId) => _queuesById.GetValueOrDefault(queueId);

    public BrokerQueue? Find(string queue) => _queues.GetValueOrDefault(queue);

    public BrokerQueue Queue(string name) => Find(name) ?? throw SqliteTransportException.NoQueue(_database.Path, name);

    public BrokerTopic Topic(string name) => _topics.GetValueOrDefault(name) ?? DeclareTopic(name);

    public BrokerQueue DeclareQueue(string name, int? autoDeleteSeconds, int? maxDeliveryCount)
    {
        var max = maxDeliveryCount ?? Find(name)?.MaxDeliveryCount ?? DefaultMaxDeliveryCount;

        if (Find(name) is { } queue)
        {
            if (queue.AutoDeleteSeconds == autoDeleteSeconds && queue.MaxDeliveryCount == max)
                return queue;

            _updateQueue.Bind(1, queue.Id).Bind(2, autoDeleteSeconds).Bind(3, max).Bind(4, _clock.Now).Run();
        }
        else
        {
            _insertQueue.Bind(1, name).Bind(2, autoDeleteSeconds).Bind(3, max).Bind(4, _clock.Now).Run();
            queue = Add(new BrokerQueue(_database.LastInsertedId, name));
        }

        queue.AutoDeleteSeconds = autoDeleteSeconds;
        queue.MaxDeliveryCount = max;
        Changed();
        return queue;
    }

    public BrokerTopic DeclareTopic(string name)
    {
        if (_topics.TryGetValue(name, out var topic))
            return topic;

        _insertTopic.Bind(1, name).Run();
        topic = Add(new BrokerTopic(_database.LastInsertedId, name));
        Changed();
        return topic;
    }

    public void SubscribeTopic(string source, string destination, SqlSubscriptionType type, string? routingKey)
    {
        var (topic, subscription) = (Topic(source), new Subscription<BrokerTopic>(Topic(destination), type, routingKey ?? ""));
        if (Add(topic.Topics, subscription))
            Subscribed(_insertTopicSubscription, topic.Id, subscription.Destination.Id, type, subscription.RoutingKey);
    }

    public void SubscribeQueue(string source, string destination, SqlSubscriptionType type, string? routingKey)
    {
        var (topic, subscription) = (Topic(source), new Subscription<BrokerQueue>(Queue(destination), type, routingKey ?? ""));
        if (Add(topic.Queues, subscription))
            Subscribed(_insertQueueSubscription, topic.Id, subscription.Destination.Id, type, subscription.RoutingKey);
    }

    /// <summary>Deletes a queue that holds no messages any more.</summary>
    public void DeleteQueue(BrokerQueue queue)
    {
        _database.Execute($"DELETE FROM queue_subscription WHERE queue_id = {queue.Id}; DELETE FROM queue WHERE id = {queue.Id}");
        Changed();
        Reload();
    }

    /// <summary>Takes over what other processes have declared.</summary>
    public void Refresh()
    {
        if (_version.Value() != _known)
            Reload();
    }

    /// <summary>Reads everything anew. Queues that were known stay the same objects: receivers are attached to them.</summary>
    public void Reload()
    {
        var known = _queuesById.ToDictionary();
        _queues.Clear();
        _queuesById.Clear();
        _topics.Clear();
        _topicsById.Clear();
        _known = _database.Scalar("SELECT topology FROM meta");

        Each("SELECT id, name, auto_delete, max_delivery_count FROM queue", row =>
        {
            var queue = Add(known.GetValueOrDefault(row.Long(0)) ?? new BrokerQueue(row.Long(0), row.Text(1)!));
            queue.AutoDeleteSeconds = (int?)row.LongOrNull(2);
            queue.MaxDeliveryCount = (int)row.Long(3);
        });
        Each("SELECT id, name FROM topic", row => Add(new BrokerTopic(row.Long(0), row.Text(1)!)));
        Each("SELECT topic_id, destination_id, type, routing_key FROM topic_subscription", row =>
            Add(_topicsById[row.Long(0)].Topics,
                new Subscription<BrokerTopic>(_topicsById[row.Long(1)], (SqlSubscriptionType)row.Long(2), row.Text(3)!)));
        Each("SELECT topic_id, queue_id, type, routing_key FROM queue_subscription", row =>
            Add(_topicsById[row.Long(0)].Queues,
                new Subscription<BrokerQueue>(_queuesById[row.Long(1)], (SqlSubscriptionType)row.Long(2), row.Text(3)!)));
    }

    void Subscribed(Statement insert, long topic, long destination, SqlSubscriptionType type, string routingKey)
    {
        insert.Bind(1, topic).Bind(2, destination).Bind(3, (long)type).Bind(4, routingKey).Run();
        Changed();
    }

    void Changed()
    {
        _changed.Run();
        _known++;
        foreach (var topic in _topics.Values)
            topic.ForgetRoutes();
    }

    BrokerQueue Add(BrokerQueue queue) => _queues[queue.Name] = _queuesById[queue.Id] = queue;

    BrokerTopic Add(BrokerTopic topic) => _topics[topic.Name] = _topicsById[topic.Id] = topic;

    static bool Add<T>(List<Subscription<T>> subscriptions, Subscription<T> subscription)
        where T : class
    {
        if (subscriptions.Exists(known =>
                known.Destination == subscription.Destination && known.Type == subscription.Type
                    && known.RoutingKey == subscription.RoutingKey))
            return false;

        subscriptions.Add(subscription);
        return true;
    }

    void Each(string sql, Action<Statement> read)
    {
        using var rows = _database.PrepareOnce(sql);
        while (rows.Step())
            read(rows);
    }
}
