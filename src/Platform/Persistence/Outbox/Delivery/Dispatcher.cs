namespace Maestro.Bus.Persistence;

/// <summary>
/// Sends the messages of its partitions: reads them ahead, keeps those of one key in order, and parks what its destination refuses.
/// </summary>
sealed partial class Dispatcher
{
    // Below this many messages in one reading, the next is put off a little, so that a burst of small transactions is read together.
    const int FewMessages = 32;

    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A message that is sent, parked or refused is progress; that nothing is for so long shows in the host's health within 10 s.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    readonly IOutboxStore _store;
    readonly OutboxSender _sender;
    readonly OutboxSettings _settings;
    readonly OutboxMetrics _metrics;
    readonly OutboxCondition _condition;
    readonly DatabaseOutage _outage;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly PartitionTable _partitions;
    readonly Blockades _blockades;
    readonly Recovery _recovery;
    readonly Settler _settler;
    readonly Lanes _lanes;
    readonly SendLimit _limit;
    readonly Wakeup _wakeup = new();
    long _advanced;
    long _asked;

    /// <param name="store">Where the messages are.</param>
    /// <param name="sender">Sends them.</param>
    /// <param name="settings">How.</param>
    /// <param name="metrics">Counts them.</param>
    /// <param name="condition">Is told of what does not work.</param>
    /// <param name="outage">Is told of a database that is away.</param>
    /// <param name="isCurrent">Tells whether the partitions can be no other host's yet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public Dispatcher(
        IOutboxStore store, OutboxSender sender, OutboxSettings settings, OutboxMetrics metrics, OutboxCondition condition,
        DatabaseOutage outage, Func<bool> isCurrent, TimeProvider time, ILogger logger)
    {
        _store = store;
        _sender = sender;
        _settings = settings;
        _metrics = metrics;
        _condition = condition;
        _outage = outage;
        _advanced = time.GetTimestamp();
        _time = time;
        _logger = logger;
        _partitions = new PartitionTable(isCurrent);
        _blockades = new Blockades(settings, time);
        _limit = new SendLimit(settings.SendTimeout, time);
        _recovery = new Recovery(store, Send, _partitions, _blockades, settings, outage, logger);
        _settler = new Settler(store, Written, condition, outage, time, logger);
        _lanes = new Lanes(Handle);
    }

    /// <summary>
    /// Gets a sentence about a reading that has not ended, or messages of which nothing has become, for seconds; null if there is none.
    /// </summary>
    public string? Stuck =>
        Volatile.Read(ref _asked) is > 0 and var asked && _time.GetElapsedTime(asked) is var wait && wait > Patience
            ? $"The outbox has not been read for {wait.TotalSeconds:0} s: the database does not answer."
        : _partitions.InHand is > 0 and var inHand && _time.GetElapsedTime(Volatile.Read(ref _advanced)) is var silence
            && silence > Patience
            ? $"The outbox does not advance: {inHand} messages are in hand, and nothing has become of one for {silence.TotalSeconds:0} s."
            : null;

    /// <summary>
    /// Begins with a partition; what was parked in it comes before what is not. <c>false</c> while something of it is in hand from the last
    /// time.
    /// </summary>
    public async Task<bool> TryTake(short partition, CancellationToken cancellationToken)
    {
        foreach (var destination in await _store.ReadParkedDestinations([partition], cancellationToken))
            _blockades.Adopt(destination);

        if (!_partitions.TryAdd(partition))
            return false;

        _recovery.Wake();
        _wakeup.Set();
        return true;
    }

    /// <summary>Ends with a partition; completes when nothing of it is in hand any more.</summary>
    public Task Leave(short partition) => _partitions.Leave(partition);

    /// <summary>Tells whether a partition is this dispatcher's, and not being left.</summary>
    public bool Has(short partition) => _partitions.Has(partition);

    /// <summary>A transaction has written messages; <c>false</c> if the partition is not this dispatcher's.</summary>
    public bool Signal(short partition)
    {
        if (!_partitions.Signal(partition))
            return false;

        _wakeup.Set();
        return true;
    }

    /// <summary>Looks through all partitions from their beginning.</summary>
    public void Rewind()
    {
        _partitions.Rewind();
        _wakeup.Set();
    }

    public async Task Run(CancellationToken cancellationToken)
    {
        _limit.Stopping = cancellationToken;
        await Task.WhenAll(Read(cancellationToken), _recovery.Run(cancellationToken), _settler.Run(cancellationToken));
    }

    async Task Read(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReadOnce(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!_outage.Tells(exception))
                    NotRead(exception);
                _condition.Fails(this, "The outbox could not be read", exception);
                _partitions.Rewind();
                await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task ReadOnce(CancellationToken cancellationToken)
    {
        if (_partitions.InHand == 0)
            Volatile.Write(ref _advanced, _time.GetTimestamp());

        var room = _settings.Window - _partitions.InHand;
        var (partitions, inHand) = room * 2 >= _settings.Window ? _partitions.BeginReading() : ([], []);

        if (partitions.Count == 0)
        {
            _condition.Works(this);
            await _wakeup.Wait(_settings.PollInterval, cancellationToken);
            return;
        }

        List<WaitingMessage> messages;
        var limit = Math.Max(1, room / partitions.Count);

        try
        {
            Volatile.Write(ref _asked, _time.GetTimestamp());
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(_settings.QueryTimeout);
            messages = await _store.Read(partitions, inHand, limit, timeout.Token);
            _condition.Works(this);
        }
        catch (Exception)
        {
            _partitions.EndReading([], 0);
            throw;
        }
        finally
        {
            Volatile.Write(ref _asked, 0);
        }

        foreach (var message in _partitions.EndReading(messages, limit))
            _lanes.Add(message);

        if (messages.Count < FewMessages)
            await Task.Delay(Pace, _time, cancellationToken);
    }

    async Task Handle(WaitingMessage message)
    {
        if (!_partitions.Owns(message.Partition))
            _partitions.Release([message]);
        else if (_blockades.TryHold(message.Destination))
            _settler.Park(message);
        else
        {
            try
            {
                await Send(message);
                _settler.Sent(message);
            }
            catch (OperationCanceledException) when (_limit.Stopping.IsCancellationRequested)
            {
                _partitions.Release([message]);
            }
            catch (Exception exception)
            {
                _metrics.Refused();
                // Many are on their way at once when a broker goes away.
                if (_blockades.Refused(message.Destination).Line.IsDue(out _))
                    Refused(message.Destination, message.MessageId, LogText.Reason(exception));
                _settler.Refused(message);
                _recovery.Wake();
            }
        }
    }

    async Task Send(WaitingMessage message)
    {
        await _sender.Send(message, _limit.Token);
        _metrics.Sent();
    }

    void Written(Settled settled)
    {
        Volatile.Write(ref _advanced, _time.GetTimestamp());
        foreach (var message in settled.Parked.Concat(settled.Refused))
            _blockades.Parked(message.Destination);

        _partitions.Release(settled.Sent.Concat(settled.Parked).Concat(settled.Refused));
        _wakeup.Set();
    }

    [LoggerMessage(2, LogLevel.Error, "The outbox could not be read; it is tried again")]
    partial void NotRead(Exception exception);

    [LoggerMessage(3, LogLevel.Warning,
        "{Destination} did not take the message {MessageId} from the outbox: {Reason}. It is tried again, and until then its messages are "
        + "parked")]
    partial void Refused(string destination, Guid messageId, string reason);
}
