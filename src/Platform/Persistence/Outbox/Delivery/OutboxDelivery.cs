namespace MaestroBus.Persistence;

/// <summary>Sends what waits in this host's part of the outbox, for as long as the host runs.</summary>
sealed partial class OutboxDelivery(
    IOutboxStore store,
    OutboxSender sender,
    OutboxSignals signals,
    IOutboxNotifications notifications,
    OutboxMetrics metrics,
    DatabaseSettings settings,
    TimeProvider time,
    ILogger<OutboxDelivery> logger) : BackgroundService
{
    static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(2);

    readonly Guid _host = NewId.NextGuid();
    readonly HashSet<short> _owned = [];
    Dispatcher[] _dispatchers = [];
    long _granted;

    OutboxSettings Settings => settings.Outbox;

    TimeSpan RenewalInterval => Settings.Lease / 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Settings.Deliver)
        {
            await notifications.Tell(stoppingToken);
            return;
        }

        _dispatchers = [.. Enumerable.Range(0, Settings.Dispatchers).Select(_ => new Dispatcher(store, sender, Settings, metrics, time, logger))];
        signals.Connect(Signal);

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
            var asked = time.GetTimestamp();

            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Settings.Lease - 2 * RenewalInterval);
                var grant = await store.Renew(_host, Settings.Lease, limit.Token);
                _granted = asked;
                await Adjust(grant, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                NotRenewed(exception);
                if (time.GetElapsedTime(_granted) > Settings.Lease - 2 * RenewalInterval)
                    DropAll();
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(RenewalInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Adjust(LeaseGrant grant, CancellationToken cancellationToken)
    {
        foreach (var lost in _owned.Except(grant.Partitions).ToList())
        {
            _owned.Remove(lost);
            _ = DispatcherOf(lost).Leave(lost);
        }

        foreach (var gained in grant.Partitions.Except(_owned).ToList())
        {
            if (await DispatcherOf(gained).TryTake(gained, cancellationToken))
                _owned.Add(gained);
        }

        if (_owned.Count > grant.FairShare)
        {
            var surplus = _owned.Order().Skip(grant.FairShare).ToList();
            await LeaveAll(surplus, cancellationToken);
            await store.Release(_host, surplus, leaves: false, cancellationToken);
            _owned.ExceptWith(surplus);
        }
    }

    async Task LeaveAll(List<short> partitions, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(partitions.Select(partition => DispatcherOf(partition).Leave(partition))).WaitAsync(Settings.Lease / 2, time, cancellationToken);
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
            await store.Release(_host, owned, leaves: true, limit.Token);
        }
        catch (Exception exception)
        {
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
        foreach (var partition in _owned)
            _ = DispatcherOf(partition).Leave(partition);

        _owned.Clear();
    }

    Dispatcher DispatcherOf(short partition) => _dispatchers[partition % _dispatchers.Length];

    [LoggerMessage(10, LogLevel.Warning, "The host's part of the outbox could not be confirmed; it is tried again")]
    partial void NotRenewed(Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "The host's part of the outbox could not be given back; other hosts take it over when the lease has run out")]
    partial void NotReleased(Exception exception);
}
