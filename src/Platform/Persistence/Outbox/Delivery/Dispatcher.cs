namespace MaestroBus.Persistence;

/// <summary>Sends the messages of its partitions: reads them ahead, keeps those of one key in order, and parks what its destination refuses.</summary>
sealed partial class Dispatcher
{
    // Below this many messages in one reading, the next is put off a little, so that a burst of small transactions is read together.
    const int FewMessages = 32;

    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly IOutboxStore _store;
    readonly OutboxSender _sender;
    readonly OutboxSettings _settings;
    readonly OutboxMetrics _metrics;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly PartitionTable _partitions;
    readonly Blockades _blockades;
    readonly Recovery _recovery;
    readonly Settler _settler;
    readonly Lanes _lanes;
    readonly SendLimit _limit;
    readonly Wakeup _wakeup = new();

    public Dispatcher(IOutboxStore store, OutboxSender sender, OutboxSettings settings, OutboxMetrics metrics, TimeProvider time, ILogger logger)
    {
        _store = store;
        _sender = sender;
        _settings = settings;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _partitions = new PartitionTable();
        _blockades = new Blockades(settings, time);
        _limit = new SendLimit(settings.SendTimeout, time);
        _recovery = new Recovery(store, Send, _partitions, _blockades, settings, logger);
        _settler = new Settler(store, Written, time, logger);
        _lanes = new Lanes(Handle);
    }

    /// <summary>Begins with a partition; what was parked in it comes before what is not. <c>false</c> while something of it is in hand from the last time.</summary>
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
                NotRead(exception);
                _partitions.Rewind();
                await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task ReadOnce(CancellationToken cancellationToken)
    {
        var room = _settings.Window - _partitions.InHand;
        var (partitions, inHand) = room * 2 >= _settings.Window ? _partitions.BeginReading() : ([], []);

        if (partitions.Count == 0)
        {
            await _wakeup.Wait(_settings.PollInterval, cancellationToken);
            return;
        }

        List<OutboxMessage> messages;
        var limit = Math.Max(1, room / partitions.Count);

        try
        {
            messages = await _store.Read(partitions, inHand, limit, cancellationToken);
        }
        catch (Exception)
        {
            _partitions.EndReading([], 0);
            throw;
        }

        foreach (var message in _partitions.EndReading(messages, limit))
            _lanes.Add(message);

        if (messages.Count < FewMessages)
            await Task.Delay(Pace, _time, cancellationToken);
    }

    async Task Handle(OutboxMessage message)
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
                Refused(exception, message.MessageId, message.Destination);
                _blockades.Refused(message.Destination);
                _settler.Refused(message);
                _recovery.Wake();
            }
        }
    }

    async Task Send(OutboxMessage message)
    {
        await _sender.Send(message, _limit.Token);
        _metrics.Sent();
    }

    void Written(Settled settled)
    {
        foreach (var message in settled.Parked.Concat(settled.Refused))
            _blockades.Parked(message.Destination);

        _partitions.Release(settled.Sent.Concat(settled.Parked).Concat(settled.Refused));
        _wakeup.Set();
    }

    [LoggerMessage(2, LogLevel.Error, "The outbox could not be read; it is tried again")]
    partial void NotRead(Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "{Destination} did not take the message {MessageId} from the outbox. It is tried again, and until then its messages are parked")]
    partial void Refused(Exception exception, Guid messageId, string destination);
}
