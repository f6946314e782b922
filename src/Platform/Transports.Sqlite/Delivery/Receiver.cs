using System.Collections.Concurrent;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>How many messages a queue's receiver holds and hands out.</summary>
/// <param name="Concurrency">How many messages are worked on at a time.</param>
/// <param name="Prefetch">How many messages are held, those that are worked on among them.</param>
readonly record struct ReceiveLimits(int Concurrency, int Prefetch);

/// <summary>
/// What one endpoint holds of its queue. The writer locks messages for it, as many as it has room for, and puts them into its inbox once
/// that is committed; the endpoint takes them from there. Nothing is polled.
/// </summary>
sealed class Receiver(BrokerQueue queue, ReceiveLimits limits, SqlReceiveMode mode, int perPartition, TimeSpan lockDuration)
{
    static readonly TimeSpan StopInterval = TimeSpan.FromMilliseconds(5);

    readonly Lock _gate = new();
    readonly Queue<Message> _inbox = new();
    TaskCompletionSource? _waiter;
    volatile bool _isStopping;
    int _running;
    int _held;

    public BrokerQueue Queue => queue;

    public SqlReceiveMode Mode => mode;

    public bool IsOrdered => mode is SqlReceiveMode.PartitionedOrdered or SqlReceiveMode.PartitionedOrderedConcurrent;

    public int PerPartition => perPartition;

    public long LockMicroseconds { get; } = Clock.Of(lockDuration);

    /// <summary>The committed locks. Only the writer's thread adds and removes.</summary>
    public ConcurrentDictionary<long, Message> Held { get; } = new();

    /// <summary>How many more messages the writer may lock, as of the transaction at hand.</summary>
    public int Room => _isStopping ? 0 : limits.Prefetch - _held;

    public void Reserve() => _held++;

    public void Free() => _held--;

    /// <summary>The transaction is undone.</summary>
    public void Recount() => _held = Held.Count;

    /// <summary>Puts a committed message into the inbox.</summary>
    public void Deliver(Message message)
    {
        Held[message.MessageDeliveryId] = message;

        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _inbox.Enqueue(message);
            waiter = TakeWaiter();
        }

        waiter?.TrySetResult();
    }

    /// <summary>Takes what the endpoint may work on now.</summary>
    /// <param name="limit">How much at most.</param>
    /// <param name="elapsed">What the stopwatch shows.</param>
    public IReadOnlyList<Message> Take(int limit, long elapsed)
    {
        lock (_gate)
        {
            if (_isStopping)
                return [];

            var count = Math.Min(Math.Min(limit, limits.Concurrency - _running), _inbox.Count);
            if (count <= 0)
                return [];

            var taken = new Message[count];
            for (var i = 0; i < count; i++)
            {
                taken[i] = _inbox.Dequeue();
                taken[i].LockedUntil = elapsed + LockMicroseconds;
            }

            _running += count;
            return taken;
        }
    }

    /// <summary>A consumer is done with a message, whatever came of it.</summary>
    public void Finish()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _running--;
            waiter = TakeWaiter();
        }

        waiter?.TrySetResult();
    }

    /// <summary>Waits until there is something to take. Ends without an exception when the endpoint stops waiting.</summary>
    public async Task Wait(CancellationToken cancellationToken)
    {
        // Its loop ends in a moment; until then it must not turn in circles.
        if (_isStopping)
            await Task.Delay(StopInterval, CancellationToken.None).ConfigureAwait(false);

        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (CanTake || _isStopping)
                return;

            waiter = _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetResult(), waiter).ConfigureAwait(false);
        await waiter.Task.ConfigureAwait(false);

        lock (_gate)
        {
            if (_waiter == waiter)
                _waiter = null;
        }
    }

    /// <summary>The endpoint is about to stop: it gets nothing more.</summary>
    public void Stop()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _isStopping = true;
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
    }

    /// <summary>Lets go of what is in the inbox.</summary>
    public void Close()
    {
        Held.Clear();
        lock (_gate)
            _inbox.Clear();
    }

    bool CanTake => _inbox.Count > 0 && _running < limits.Concurrency;

    TaskCompletionSource? TakeWaiter()
    {
        if (!CanTake || _waiter is not { } waiter)
            return null;

        _waiter = null;
        return waiter;
    }
}
