using System.Collections.Concurrent;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// A member of a group. Acknowledged offsets are stored in the client, which commits them in the background, and at once before partitions
/// go.
/// </summary>
sealed class KafkaConsumer : IStreamConsumer
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan CommitLimit = TimeSpan.FromSeconds(5);
    // Other members may be about to hand their partitions over; a host that stops has 25 s for all of it.
    static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(8);

    readonly IConsumer<byte[], byte[]> _consumer;
    readonly StreamSubscription _subscription;
    readonly IStreamPartitions _partitions;
    readonly KafkaErrors _errors;
    readonly ILogger _logger;
    readonly KafkaTransactions _transactions;
    readonly KafkaBrokers _brokers;
    readonly KafkaMembership _membership;
    readonly TopicWatch _watch;
    readonly List<StreamRecord> _received = [];

    // The partitions that the member has, and whether the client has them paused; none where it is not known, as after an assignment.
    readonly Dictionary<TopicPartition, bool?> _assigned = [];

    // Where partitions were read to their end.
    readonly ConcurrentDictionary<TopicPartition, long> _ends = new();

    // Where partitions go on that are to be read from behind their end.
    readonly Dictionary<TopicPartition, long> _skipping = [];
    readonly KafkaConfig _config;
    readonly int _version;
    bool _hasJoined;

    // Records that have come while none were wanted. Replaced as a whole, as other threads count them.
    volatile StreamRecord[] _early = [];
    volatile bool _isClosing;
    volatile bool _isAbandoned;
    Task _commit = Task.CompletedTask;

    public KafkaConsumer(
        KafkaConfig config, KafkaSettings settings, StreamSubscription subscription, IStreamPartitions partitions, string transactionalId,
        KafkaBrokers brokers,
        KafkaErrors errors, ILogger logger)
    {
        _config = config;
        _version = config.Version;
        _subscription = subscription;
        _partitions = partitions;
        _brokers = brokers;
        _errors = errors;
        _logger = logger;
        _membership = new KafkaMembership(settings, subscription, TimeProvider.System);
        _watch = new TopicWatch(subscription, brokers, _membership, TimeProvider.System, logger);
        _consumer = new ConsumerBuilder<byte[], byte[]>(config.Consumer(subscription))
            .SetErrorHandler((_, error) => errors.Tell(error))
            .SetLogHandler((_, message) => Log.Client(logger, message.Message))
            .SetPartitionsAssignedHandler((_, assigned) => Assigned(assigned))
            .SetPartitionsRevokedHandler((_, revoked) => Revoked([.. revoked.Select(partition => partition.TopicPartition)]))
            .SetPartitionsLostHandler((_, lost) => Lost([.. lost.Select(partition => partition.TopicPartition)]))
            .Build();
        _transactions = new KafkaTransactions(
            config, transactionalId, _consumer, ReadAgain, settings.Producer.Buffer, brokers, errors, logger);
        _consumer.Subscribe(subscription.Topics);
    }

    public string? Problem => _membership.Problem;

    public IReadOnlyList<StreamRecord> Receive(int max, TimeSpan wait)
    {
        _received.Clear();
        if (_version != _config.Version)
            throw new CertificatesChangedException();
        if (_watch.Remade is { } topic)
            throw new TopicRemadeException(topic);
        if (_membership.Final is { } refusal)
            throw new UnauthorizedAccessException(refusal);
        _watch.LookIfDue(_assigned.Keys);
        // A client that is paused throws away what it has fetched: only one that gets too much meanwhile is.
        Pause(max == 0 && _early.Length >= _subscription.PollLimit);

        if (max > 0 && _early.Length > 0)
        {
            _received.AddRange(_early.Take(max));
            _early = _early[_received.Count..];
        }

        for (var limit = _received.Count > 0 ? TimeSpan.Zero : wait; _received.Count < Math.Max(1, max); limit = TimeSpan.Zero)
        {
            if (Consume(limit) is not { } result)
                break;

            if (result.IsPartitionEOF)
                _ends[result.TopicPartition] = result.Offset.Value;
            else if (!IsSkipped(result))
                Take(KafkaRecords.Record(result), isEarly: max == 0);
            if (max == 0)
                break;
        }

        return _received;
    }

    public long Unread(StreamPartition partition)
    {
        var name = new TopicPartition(partition.Topic, partition.Number);

        try
        {
            var (position, high) = (_consumer.Position(name), _consumer.GetWatermarkOffsets(name).High);
            // At the end there may be more offsets than records: markers of transactions, and what was removed.
            var next = Math.Max(position == Offset.Unset ? 0 : position.Value, _ends.GetValueOrDefault(name));
            return high == Offset.Unset || (position == Offset.Unset && next == 0) ? 0
                : Math.Max(0, high.Value - next) + _early.Count(record => record.Partition == partition);
        }
        catch (Exception exception) when (exception is KafkaException or ObjectDisposedException)
        {
            // It has gone.
            return 0;
        }
    }

    public void Acknowledge(StreamRecord upTo)
    {
        try
        {
            _consumer.StoreOffset(KafkaRecords.After(upTo));
        }
        catch (KafkaException exception)
        {
            // Its partition is another member's, who handles it again: no reason to give up the others.
            Log.NotAcknowledged(_logger, exception, upTo.Partition.Topic, upTo.Partition.Number, upTo.Offset);
        }
    }

    public void Seek(StreamPosition position)
    {
        var offsets = Within(Offsets(position, [.. _assigned.Keys]).Where(offset => offset.Offset != Offset.Unset), isSeek: true);

        foreach (var offset in offsets)
        {
            _ends.TryRemove(offset.TopicPartition, out _);
            ForgetEarly([offset.TopicPartition]);
            _consumer.Seek(offset);
        }

        // What is skipped stays skipped, and what is read again is, also by whoever gets the partition next.
        Commit(offsets);
    }

    public IStreamTransaction Begin() => _transactions.Begin();

    public ValueTask DisposeAsync()
    {
        _isClosing = true;
        // The client waits for a broker that hangs for as long as it hangs.
        var closing = Task.Factory.StartNew(Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (closing.Wait(CloseLimit))
            return ValueTask.CompletedTask;

        _isAbandoned = true;
        throw new TimeoutException(
            $"The broker has not answered within {CloseLimit.TotalSeconds} s that the group '{_subscription.Group}' was left.");
    }

    void Close()
    {
        try
        {
            _commit.ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
            _consumer.Close();
        }
        finally
        {
            _transactions.Dispose();
            _consumer.Dispose();
        }
    }

    ConsumeResult<byte[], byte[]>? Consume(TimeSpan limit)
    {
        try
        {
            return _consumer.Consume(limit);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            // The client goes on by itself: a topic that is not there yet, which others tell of, or a broker that is away.
            if (exception.Error.Code != ErrorCode.UnknownTopicOrPart)
                _errors.Tell(exception.Error);
            _membership.Refused(exception);
            return null;
        }
    }

    void Take(StreamRecord record, bool isEarly)
    {
        if (isEarly)
            _early = [.. _early, record];
        else
            _received.Add(record);
    }

    bool IsSkipped(ConsumeResult<byte[], byte[]> result)
    {
        if (_skipping.Count == 0 || !_skipping.TryGetValue(result.TopicPartition, out var from))
            return false;
        if (result.Offset.Value < from)
            return true;

        _skipping.Remove(result.TopicPartition);
        return false;
    }

    void Pause(bool isPaused)
    {
        List<TopicPartition>? others = null;
        foreach (var (partition, isSet) in _assigned)
        {
            if (isSet != isPaused)
                (others ??= []).Add(partition);
        }

        if (others is null)
            return;

        if (isPaused)
            _consumer.Pause(others);
        else
            _consumer.Resume(others);
        foreach (var partition in others)
            _assigned[partition] = isPaused;
    }

    IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> assigned)
    {
        // A client that is being closed gives back at once what it gets, and would wait in vain for answers of the broker.
        if (_isAbandoned || _isClosing)
            return assigned.Select(partition => new TopicPartitionOffset(partition, Offset.Unset));

        var starts = Starts(assigned);
        foreach (var partition in assigned)
            _assigned[partition] = null;
        _partitions.Assigned([.. assigned.Select(KafkaRecords.Partition)]);
        _hasJoined = true;
        _membership.Joined();
        return starts;
    }

    void Revoked(List<TopicPartition> revoked)
    {
        if (_isAbandoned)
            return;

        Forget(revoked);
        _partitions.Revoked([.. revoked.Select(KafkaRecords.Partition)], Acknowledge);

        // The client commits by itself when it is closed.
        if (_subscription.IsTransactional || _isClosing || revoked.Count == 0)
            return;

        _commit = Task.Run(CommitStored);
        _commit.Wait(CommitLimit);
    }

    void Lost(List<TopicPartition> lost)
    {
        if (_isAbandoned)
            return;

        Forget(lost);
        _membership.Left();
        _partitions.Lost([.. lost.Select(KafkaRecords.Partition)]);
    }

    // What was received of a partition that has gone meanwhile is not handed to anybody.
    void Forget(List<TopicPartition> gone)
    {
        foreach (var partition in gone)
        {
            _assigned.Remove(partition);
            _skipping.Remove(partition);
            _ends.TryRemove(partition, out _);
        }

        _received.RemoveAll(record => gone.Contains(KafkaRecords.Partition(record)));
        ForgetEarly(gone);
    }

    void ForgetEarly(List<TopicPartition> partitions) =>
        _early = [.. _early.Where(record => !partitions.Contains(KafkaRecords.Partition(record)))];

    void CommitStored()
    {
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
            _errors.NotCommitted(_subscription.Group, exception);
        }
    }

    void Commit(IReadOnlyCollection<TopicPartitionOffset> offsets)
    {
        if (offsets.Count == 0)
            return;

        try
        {
            _consumer.Commit(offsets);
        }
        catch (KafkaException exception)
        {
            // The next one that gets the partitions decides again.
            _errors.NotCommitted(_subscription.Group, exception);
        }
    }

    void ReadAgain(StreamRecord record)
    {
        var partition = KafkaRecords.Partition(record);
        if (!_assigned.ContainsKey(partition))
            return;

        _ends.TryRemove(partition, out _);
        ForgetEarly([partition]);
        _consumer.Seek(KafkaRecords.At(record));
    }

    /// <summary>Where partitions begin that the member has got.</summary>
    List<TopicPartitionOffset> Starts(List<TopicPartition> assigned)
    {
        if (assigned.Count == 0)
            return [];

        var committed = _consumer.Committed(assigned, AnswerLimit);
        var remade = committed.Where(partition => _brokers.Remade.ContainsKey((_subscription.Group, partition.Topic))).ToList();
        var known = committed.Except(remade).Where(partition => partition.Offset != Offset.Unset).ToList();
        var fresh = committed.Except(remade).Where(partition => partition.Offset == Offset.Unset)
            .Select(partition => partition.TopicPartition).ToList();
        foreach (var partition in remade)
            _brokers.Remade.TryRemove((_subscription.Group, partition.Topic), out _);
        var isGroupNew = known.Count == 0 && remade.Count == 0;
        return [.. remade.Select(Anew), .. Within(known, isSeek: false), .. FreshStarts(fresh, isGroupNew)];
    }

    TopicPartitionOffset Anew(TopicPartitionOffset partition)
    {
        var beginning = new TopicPartitionOffset(partition.TopicPartition, Offset.Beginning);
        if (partition.Offset != Offset.Unset)
            Commit([new TopicPartitionOffset(
                partition.TopicPartition, _brokers.Offsets([partition.TopicPartition], OffsetSpec.Earliest())[partition.TopicPartition])]);
        return beginning;
    }

    /// <summary>
    /// Where a group begins that is new is decided once, for all partitions; what comes later is read from its beginning.
    /// </summary>
    List<TopicPartitionOffset> FreshStarts(List<TopicPartition> fresh, bool isGroupNew)
    {
        if (fresh.Count == 0)
            return [];
        if (_subscription.Start == StreamPosition.Earliest || _hasJoined || _watch.WasAbsent || !isGroupNew)
            return [.. fresh.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning))];

        var topics = fresh.Select(partition => partition.Topic).ToHashSet();
        var all = _brokers.Topics(topics).GetAwaiter().GetResult()
            .SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.Partition))).ToList();
        var committed = _consumer.Committed(all, AnswerLimit).ToDictionary(
            partition => partition.TopicPartition, partition => partition.Offset);

        // Another member may have decided a moment ago, or the group have read another topic of the pattern.
        if (committed.Values.Any(offset => offset != Offset.Unset)
            || (_subscription.IsPattern && _brokers.Committed(_subscription.Group).Count > 0))
            return
            [
                .. fresh.Select(partition => new TopicPartitionOffset(
                    partition,
                    committed.GetValueOrDefault(partition, Offset.Unset) is var offset && offset != Offset.Unset
                        ? offset
                        : Offset.Beginning)),
            ];

        var starts = Within(Offsets(_subscription.Start, all).Where(offset => offset.Offset != Offset.Unset), isSeek: true);
        Commit(starts);
        return
        [
            .. fresh.Select(partition =>
                starts.FirstOrDefault(start => start.TopicPartition == partition) ?? new TopicPartitionOffset(partition, Offset.Beginning)),
        ];
    }

    /// <summary>
    /// Places that there are. A group whose next record is gone goes on at the first that is there; one whose next is behind the end has
    /// read another topic of the name. Who seeks there waits for it.
    /// </summary>
    List<TopicPartitionOffset> Within(IEnumerable<TopicPartitionOffset> places, bool isSeek)
    {
        List<TopicPartitionOffset> wanted = [.. places];
        if (wanted.Count == 0)
            return [];

        Dictionary<TopicPartition, long> first, end;
        try
        {
            first = _brokers.Offsets(wanted.Select(place => place.TopicPartition), OffsetSpec.Earliest());
            end = _brokers.Offsets(wanted.Select(place => place.TopicPartition), OffsetSpec.Latest());
        }
        catch (KafkaException exception) when (!isSeek)
        {
            // The client goes on at the first record that is there by itself; it only does not say so.
            Log.NotTold(_logger, exception, _subscription.Group);
            return [.. wanted.Select(place => new TopicPartitionOffset(place.TopicPartition, Offset.Unset))];
        }

        return [.. wanted.Select(place => Within(place, first[place.TopicPartition], end[place.TopicPartition], isSeek))];
    }

    TopicPartitionOffset Within(TopicPartitionOffset place, long first, long end, bool isSeek)
    {
        var (partition, offset) = (place.TopicPartition, place.Offset.Value);

        if (place.Offset == Offset.End || place.Offset == Offset.Beginning)
            return new TopicPartitionOffset(partition, place.Offset == Offset.End ? end : first);

        if (offset > end && isSeek)
        {
            _skipping[partition] = offset;
            return new TopicPartitionOffset(partition, end);
        }

        if (offset >= first && offset <= end)
            return isSeek ? place : new TopicPartitionOffset(partition, Offset.Unset);

        var start = new TopicPartitionOffset(partition, first);
        if (isSeek)
            return start;

        if (offset < first)
            Log.Missing(_logger, first - offset, partition.Topic, partition.Partition.Value, _subscription.Group, first);
        else
            Log.Remade(_logger, partition.Topic, _subscription.Group);
        Commit([start]);
        return start;
    }

    IEnumerable<TopicPartitionOffset> Offsets(StreamPosition position, List<TopicPartition> partitions) => position switch
    {
        { Time: { } time } => _consumer.OffsetsForTimes(
            partitions.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(time))), AnswerLimit),
        { Offset: { } offset } => partitions.Select(partition => new TopicPartitionOffset(
            partition, position.Partition is { } only && only != partition.Partition.Value ? Offset.Unset : offset)),
        _ => partitions.Select(
            partition => new TopicPartitionOffset(partition, position == StreamPosition.Latest ? Offset.End : Offset.Beginning)),
    };
}
