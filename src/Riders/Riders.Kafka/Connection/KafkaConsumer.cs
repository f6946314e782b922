namespace MaestroBus.Riders.Kafka;

/// <summary>A member of a group. Acknowledged offsets are stored in the client, which commits them in the background, and at once before partitions go.</summary>
sealed class KafkaConsumer : IStreamConsumer
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    readonly IConsumer<byte[], byte[]> _consumer;
    readonly StreamSubscription _subscription;
    readonly IStreamPartitions _partitions;
    readonly KafkaErrors _errors;
    readonly ILogger _logger;
    readonly Lazy<KafkaTransactions> _transactions;
    readonly List<StreamRecord> _received = [];
    bool _isPaused;

    public KafkaConsumer(KafkaConfig config, StreamSubscription subscription, IStreamPartitions partitions, int buffer, KafkaErrors errors, ILogger logger)
    {
        _subscription = subscription;
        _partitions = partitions;
        _errors = errors;
        _logger = logger;
        _consumer = new ConsumerBuilder<byte[], byte[]>(config.Consumer(subscription))
            .SetErrorHandler((_, error) => errors.Tell(error))
            .SetLogHandler((_, message) => Log.Client(logger, message.Message))
            .SetPartitionsAssignedHandler((_, assigned) => Assigned(assigned))
            .SetPartitionsRevokedHandler((_, revoked) => Revoked(revoked))
            .SetPartitionsLostHandler((_, lost) => _partitions.Lost([.. lost.Select(partition => KafkaRecords.Partition(partition.TopicPartition))]))
            .Build();
        _transactions = new Lazy<KafkaTransactions>(() => new KafkaTransactions(config, subscription, _consumer, buffer));
        _consumer.Subscribe(subscription.Topics);
    }

    public IReadOnlyList<StreamRecord> Receive(int max, TimeSpan wait)
    {
        _received.Clear();
        Pause(max == 0);

        for (var limit = wait; _received.Count < Math.Max(1, max); limit = TimeSpan.Zero)
        {
            if (Consume(limit) is not { } result)
                break;

            // Paused partitions give no records; one that was on its way is read again.
            if (max == 0)
                _consumer.Seek(result.TopicPartitionOffset);
            else
                _received.Add(KafkaRecords.Record(result));
        }

        return _received;
    }

    public void Acknowledge(StreamRecord upTo) => _consumer.StoreOffset(KafkaRecords.After(upTo));

    public void Seek(StreamPosition position)
    {
        foreach (var offset in Offsets(position, _consumer.Assignment).Where(offset => offset.Offset != Offset.Unset))
            _consumer.Seek(offset);
    }

    public IStreamTransaction Begin() => _transactions.Value.Begin();

    public ValueTask DisposeAsync()
    {
        try
        {
            _consumer.Close();
        }
        finally
        {
            if (_transactions.IsValueCreated)
                _transactions.Value.Dispose();
            _consumer.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    ConsumeResult<byte[], byte[]>? Consume(TimeSpan limit)
    {
        try
        {
            return _consumer.Consume(limit);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            // The client goes on by itself: a topic that is not there yet, or a broker that is away.
            _errors.Tell(exception.Error);
            return null;
        }
    }

    void Pause(bool isPaused)
    {
        if (isPaused == _isPaused)
            return;

        if (isPaused)
            _consumer.Pause(_consumer.Assignment);
        else
            _consumer.Resume(_consumer.Assignment);
        _isPaused = isPaused;
    }

    IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> assigned)
    {
        _partitions.Assigned([.. assigned.Select(KafkaRecords.Partition)]);
        _isPaused = false;

        return _subscription.Start is { Time: null, Offset: null }
            ? assigned.Select(partition => new TopicPartitionOffset(partition, Offset.Unset))
            : StartOffsets(assigned);
    }

    List<TopicPartitionOffset> StartOffsets(List<TopicPartition> assigned)
    {
        var committed = _consumer.Committed(assigned, AnswerLimit);
        var fresh = committed.Where(partition => partition.Offset == Offset.Unset).Select(partition => partition.TopicPartition).ToList();
        return [.. committed.Where(partition => partition.Offset != Offset.Unset), .. Offsets(_subscription.Start, fresh)];
    }

    IEnumerable<TopicPartitionOffset> Offsets(StreamPosition position, List<TopicPartition> partitions) => position switch
    {
        { Time: { } time } => _consumer.OffsetsForTimes(partitions.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(time))), AnswerLimit),
        { Offset: { } offset } => partitions.Select(partition => new TopicPartitionOffset(
            partition, position.Partition is { } only && only != partition.Partition.Value ? Offset.Unset : offset)),
        _ => partitions.Select(partition => new TopicPartitionOffset(partition, position == StreamPosition.Latest ? Offset.End : Offset.Beginning)),
    };

    void Revoked(List<TopicPartitionOffset> revoked)
    {
        _partitions.Revoked([.. revoked.Select(partition => KafkaRecords.Partition(partition.TopicPartition))], Acknowledge);

        if (_subscription.IsTransactional)
            return;

        try
        {
            _consumer.Commit();
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_NoOffset)
        {
            // There is nothing to commit.
        }
        catch (KafkaException exception)
        {
            Log.NotCommitted(_logger, exception);
        }
    }
}
