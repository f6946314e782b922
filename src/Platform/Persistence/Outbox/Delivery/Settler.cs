namespace Maestro.Bus.Persistence;

/// <summary>Writes down what has become of messages. What comes while it writes goes together in the next statement.</summary>
sealed partial class Settler(
    IOutboxStore store, Action<Settled> written, OutboxCondition condition, DatabaseOutage outage, TimeProvider time, ILogger logger)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A statement for each few messages would cost more than sending them.
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    readonly Lock _lock = new();
    readonly Wakeup _wakeup = new();
    Settled _settled = new();

    public void Sent(WaitingMessage message) => Add(message, settled => settled.Sent);

    public void Park(WaitingMessage message) => Add(message, settled => settled.Parked);

    public void Refused(WaitingMessage message) => Add(message, settled => settled.Refused);

    /// <summary>Writes until the end, and then what is left.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _wakeup.Wait(Interval, cancellationToken);
                await Task.Delay(Pace, time, cancellationToken);
                await Write(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(Interval);
            await Write(limit.Token);
        }
    }

    async Task Write(CancellationToken cancellationToken)
    {
        Settled settled;
        lock (_lock)
        {
            if (_settled.IsEmpty)
                return;

            settled = _settled;
            _settled = new Settled();
        }

        while (true)
        {
            try
            {
                await store.Settle(settled, cancellationToken);
                condition.Works(this);
                break;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                condition.Fails(this, "What has become of messages of the outbox could not be written down", exception);
                if (!outage.Tells(exception))
                    NotWritten(exception);
                await Task.Delay(Interval, time, cancellationToken);
            }
        }

        written(settled);
    }

    void Add(WaitingMessage message, Func<Settled, List<WaitingMessage>> list)
    {
        lock (_lock)
            list(_settled).Add(message);

        _wakeup.Set();
    }

    [LoggerMessage(1, LogLevel.Warning,
        "What has become of messages of the outbox could not be written down; it is tried again. A crash until then sends them twice")]
    partial void NotWritten(Exception exception);
}
