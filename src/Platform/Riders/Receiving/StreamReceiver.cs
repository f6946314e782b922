using MassTransit.Middleware;
using MassTransit.Serialization;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>An endpoint at work: what it reads, its retries included, and the lanes that work on it.</summary>
sealed class StreamReceiver : Agent, ReceiveTransportHandle, DeliveryMetrics
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    readonly StreamEndpointContext _context;
    readonly IReceivePipeDispatcher _dispatcher;
    readonly List<RecordPump> _pumps = [];
    readonly CancellationTokenSource _abandoned = new();

    public StreamReceiver(StreamEndpointContext context)
    {
        _context = context;
        _dispatcher = context.CreateReceivePipeDispatcher();

        var lanes = new Lanes(context.Settings.Concurrency, Work, PrepareLane);
        foreach (var (subscription, isRetry) in context.Settings.Subscriptions())
            _pumps.Add(Create(subscription, isRetry, lanes));
        if (context.Rider.DeadLetters is { } intake)
            _pumps.Add(new DeadLetterPump(context, context.Settings.DeadLetters(), intake));

        SetReady(context.Rider.Background(Begin));
        SetCompleted(Task.WhenAll(_pumps.Select(pump => pump.Ended)));
    }

    public long DeliveryCount => _dispatcher.DispatchCount;

    public int ConcurrentDeliveryCount => _dispatcher.MaxConcurrentDispatchCount;

    /// <summary>What keeps it from reading, for each of its subscriptions that does not.</summary>
    public IEnumerable<string> Problems => _pumps.Select(pump => pump.Problem).OfType<string>();

    /// <summary>How many records of each partition are not finished.</summary>
    public IEnumerable<(StreamPartition Partition, string Group, long Count)> Lags => _pumps.SelectMany(pump => pump.Lags);

    /// <summary>Reads from another position on.</summary>
    public Task Seek(StreamPosition position) => _pumps[0].Seek(position);

    Task ReceiveTransportHandle.Stop(CancellationToken cancellationToken) => this.Stop("Stop", cancellationToken);

    protected override async Task StopAgent(StopContext context)
    {
        foreach (var pump in _pumps)
            pump.Stop();

        await Completed.WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Who has not come to an end by now, is told that nobody waits for it any longer.
        await _abandoned.CancelAsync().ConfigureAwait(false);
        foreach (var pump in _pumps.OfType<IDisposable>())
            pump.Dispose();

        await _context.TransportObservers.NotifyCompleted(_context.InputAddress, this).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets what the pipeline keeps with the flow of its work. Set for each record anew, it would be a part of the work worth mentioning.
    /// </summary>
    void PrepareLane()
    {
        global::MassTransit.LogContext.SetCurrentIfNull(_context.LogContext);
        ObjectDeserializer.Current = SystemTextJsonMessageSerializer.Instance;
    }

    async Task Begin()
    {
        await _context.DependenciesReady.ConfigureAwait(false);
        _context.Rider.Add(this, _context.Settings);

        // A broker that is away must not keep the host from starting: its health says so.
        _ = _context.Rider.TopicsReadable.ContinueWith(_ => _pumps.ForEach(pump => pump.Start()), TaskScheduler.Default);
        await _context.TransportObservers.NotifyReady(_context.InputAddress).ConfigureAwait(false);
    }

    RecordPump Create(StreamSubscription subscription, bool isRetry, Lanes lanes)
    {
        var (settings, time) = (_context.Settings, _context.Rider.Time);
        return settings.IsTransactional ? new TransactionalPump(
                _context, subscription, isRetry ? settings.Policy?.MaxRetryDelay ?? TimeSpan.Zero : null, lanes, time, _abandoned.Token)
            : settings.HasBatches ? new FlowingPump(_context, subscription, settings.Window, !isRetry, Begin, time)
            : new FlowingPump(_context, subscription, settings.Window, !isRetry, lanes.Post, time);
    }

    void Begin(IReadOnlyList<StreamRecord> records)
    {
        foreach (var record in records)
            _ = Work(record);
    }

    Task Work(StreamRecord record) => record.Work is { } work ? WorkOnce(record, work) : WorkUntilHandled(record);

    async Task WorkOnce(StreamRecord record, TransactionWork work)
    {
        if (!work.TryStart(record))
            return;

        if (await TryHandle(record).ConfigureAwait(false) is { } failure)
            work.Finish(record, failure);
        else
            _ = FinishWritten(record, work);
    }

    /// <summary>
    /// Writes a record's results. Its lane goes on meanwhile: the broker has them in the order in which they were given to it, and the
    /// transaction waits for them all.
    /// </summary>
    async Task FinishWritten(StreamRecord record, TransactionWork work)
    {
        Exception? failure = null;

        try
        {
            await record.Results!.Write().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever it is, the transaction is given up, and the record is worked on again.
            failure = exception;
            Log.ResultNotWritten(_context.Rider.Logger, exception, record.Partition.Topic, record.Partition.Number, record.Offset);
        }

        work.Finish(record, failure);
    }

    async Task WorkUntilHandled(StreamRecord record)
    {
        var (progress, pause) = (record.Progress!, FirstPause);

        while (progress.TryStart(record))
        {
            if (await TryHandle(record).ConfigureAwait(false) is not { } exception)
            {
                progress.Finish(record);
                break;
            }

            if (IsStopping)
                break;

            if (_context.Rider.Plugin.IsAway)
                Log.BrokerAway(_context.Rider.Logger, exception);
            else
                Log.NotHandled(
                    _context.Rider.Logger, exception, record.Partition.Topic, record.Partition.Number, record.Offset, pause.TotalSeconds);
            await Task.Delay(pause, _context.Rider.Time, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }

        record.Pump!.Release();
    }

    /// <summary>Whether there is nothing in a record for the endpoint's consumers.</summary>
    bool IsPassedOver(StreamRecord record) =>
        // It only says that its key is gone, and nobody has declared to read that.
        (record.Value is null && _context.Settings.ValueReader is null)
        // A pattern that matches the topics of retries and dead letters, too, does not mean them.
        || (record.IsOfPattern && record.Headers.GetBytes(StreamHeaders.Group) is not null)
        // It was a dead letter of another group, and this one has handled it before.
        || (record.Headers.Get(StreamHeaders.For) is { } group && group != _context.Settings.Group);

    /// <summary>
    /// Has a record consumed, put aside to be tried again, or put into the dead letters. What went wrong is neither's fault: the broker or
    /// the database is away.
    /// </summary>
    async Task<Exception?> TryHandle(StreamRecord record)
    {
        if (IsPassedOver(record))
            return null;

        StreamReceiveContext? context = null;

        try
        {
            context = new StreamReceiveContext(record, _context, record.Work?.Cancellation ?? _abandoned.Token);
            await _dispatcher.Dispatch(context, RecordLock.None).ConfigureAwait(false);
            _context.Rider.Metrics.Consumed(record.Partition.Topic);
            return null;
        }
        catch (Exception exception)
        {
            context?.LogTransportFaulted(exception);
            return exception;
        }
    }
}
