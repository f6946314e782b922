namespace Maestro.Bus.Persistence;

/// <summary>Sends what waits in this host's part of the outbox, for as long as the host runs.</summary>
sealed partial class OutboxDelivery(
    BusDatabase database,
    IOutboxStore store,
    OutboxSender sender,
    OutboxSignals signals,
    IOutboxNotifications notifications,
    OutboxMetrics metrics,
    OutboxCondition condition,
    DatabaseOutage outage,
    DatabaseSettings settings,
    TimeProvider time,
    ILogger<OutboxDelivery> logger) : BackgroundService
{
    static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(2);

    readonly LeaseGroup _leases = new(database, "outbox", OutboxPartitions.Count, settings.Outbox.Lease, time);
    readonly HashSet<short> _owned = [];
    Dispatcher[] _dispatchers = [];

    OutboxSettings Settings => settings.Outbox;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Settings.Deliver)
        {
            await notifications.Tell(stoppingToken);
            return;
        }

        _dispatchers = [.. Enumerable.Range(0, Settings.Dispatchers).Select(_ => new Dispatcher(
            store, sender, Settings, metrics, condition, outage, () => _leases.IsCurrent, time, logger))];
        signals.Connect(Signal);
        condition.Watch(() => _dispatchers.Select(dispatcher => dispatcher.Stuck).FirstOrDefault(stuck => stuck is not null));

        using var dispatching = new CancellationTokenSource();
        var dispatchers = Task.WhenAll(_dispatchers.Select(dispatcher => dispatcher.Run(dispatching.Token)));

        await Task.WhenAll(
            KeepLeases(stoppingToken),
            Poll(stoppingToken),
            notifications.Tell(stoppingToken),
            notifications.Listen(partition => Signal(partition), Rewind, stoppingToken));

        await Release();
        await dispatching.CancelAsync();
        await dispatchers;
    }

    async Task KeepLeases(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_leases.Silence - 2 * _leases.Interval);

            try
            {
                await Adjust(await _leases.Renew(limit.Token), cancellationToken);
                condition.Works(this);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception, limit.Token))
                    NotRenewed(exception);
                condition.Fails(this, "The host's part of the outbox could not be confirmed", exception);
                if (!_leases.IsCurrent)
                    DropAll();
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_leases.Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Adjust(LeaseGrant grant, CancellationToken cancellationToken)
    {
        _owned.RemoveWhere(partition => !DispatcherOf(partition).Has(partition));

        var gone = _owned.Except(grant.Numbers).ToList();
        if (gone.Count > 0)
            LeaseLost(gone.Count);

        foreach (var lost in gone)
        {
            _owned.Remove(lost);
            _ = DispatcherOf(lost).Leave(lost);
        }

        foreach (var gained in grant.Numbers.Except(_owned).ToList())
        {
            if (await DispatcherOf(gained).TryTake(gained, cancellationToken))
                _owned.Add(gained);
        }

        if (_owned.Count > grant.FairShare)
        {
            var surplus = _owned.Order().Skip(grant.FairShare).ToList();
            await LeaveAll(surplus, cancellationToken);
            await _leases.Release(surplus, leaves: false, cancellationToken);
            _owned.ExceptWith(surplus);
        }
    }

    async Task LeaveAll(List<short> partitions, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(partitions.Select(partition => DispatcherOf(partition).Leave(partition)))
                .WaitAsync(Settings.Lease / 2, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A send that hangs must not cost the host its other leases; whoever has the partition next sends the message again.
        }
    }

    async Task Release()
    {
        signals.Connect(null);
        using var limit = new CancellationTokenSource(ReleaseLimit);

        try
        {
            var owned = _owned.ToList();
            await LeaveAll(owned, limit.Token);
            await _leases.Release(owned, leaves: true, limit.Token);
        }
        catch (Exception exception)
        {
            if (!outage.Tells(exception))
                NotReleased(exception);
        }
    }

    async Task Poll(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Settings.PollInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Rewind();
        }
    }

    bool Signal(short partition) => DispatcherOf(partition).Signal(partition);

    void Rewind() => Array.ForEach(_dispatchers, dispatcher => dispatcher.Rewind());

    void DropAll()
    {
        if (_owned.Count > 0)
            LeaseLost(_owned.Count);

        foreach (var partition in _owned)
            _ = DispatcherOf(partition).Leave(partition);

        _owned.Clear();
    }

    Dispatcher DispatcherOf(short partition) => _dispatchers[partition % _dispatchers.Length];

    [LoggerMessage(10, LogLevel.Warning, "The host's part of the outbox could not be confirmed; it is tried again")]
    partial void NotRenewed(Exception exception);

    [LoggerMessage(
        11, LogLevel.Warning, "The host's part of the outbox could not be given back; other hosts take it over when the lease has run out")]
    partial void NotReleased(Exception exception);

    [LoggerMessage(13, LogLevel.Warning,
        "This host has lost the lease on {Count} partitions of the outbox, as it had not renewed it for seconds. "
        + "Another host sends what is in them")]
    partial void LeaseLost(int count);
}
