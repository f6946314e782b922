namespace Maestro.Bus.Messaging;

/// <summary>
/// Has a suspect handled while nothing else of the process is in a consumer: if the process ends then, that message is the cause. While
/// there is no suspect, a
/// message passes for the price of a counter.
/// </summary>
sealed class SuspectGate(TimeProvider time)
{
    /// <summary>How long the process works as usual after a suspect has waited in vain for a long-running consumer to end.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    readonly PriorityQueue<TaskCompletionSource, (int, long)> _waiting = new();
    TaskCompletionSource _opened = Signal();
    TaskCompletionSource _drained = Signal();
    volatile bool _isClosed;
    bool _isTaken;
    long _number;
    int _inside;

    /// <summary>Whether a suspect is handled, or waits until the consumers at work have ended.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Lets a message in unless a suspect is handled. <see cref="Leave"/> follows if it is in.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inside);
        if (!_isClosed)
            return true;

        Leave();
        return false;
    }

    /// <summary>Lets a message in whatever is handled. <see cref="Leave"/> follows.</summary>
    public void EnterBeside() => Interlocked.Increment(ref _inside);

    /// <summary>Waits until no suspect is handled. <see cref="Leave"/> follows.</summary>
    public async ValueTask Enter(CancellationToken cancellationToken)
    {
        while (!TryEnter())
        {
            Task opened;
            lock (_lock)
                opened = _isClosed ? _opened.Task : Task.CompletedTask;
            await opened.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A message that was let in has been handled.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _inside) == 0 && _isClosed)
        {
            lock (_lock)
            {
                // Another suspect may wait for others already.
                if (Volatile.Read(ref _inside) == 0)
                    _drained.TrySetResult();
            }
        }
    }

    /// <summary>Waits until nothing else is in a consumer. <see cref="LeaveAlone"/> follows.</summary>
    /// <param name="deaths">How many processes have ended with the suspect: the one with the most comes first, so that it is cleared or
    /// condemned soon.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task EnterAlone(int deaths, CancellationToken cancellationToken)
    {
        await Take(deaths, cancellationToken);

        try
        {
            for (var patience = Interval; !await Drain(patience, cancellationToken); patience *= 2)
            {
                // A consumer that takes minutes must not stop all others for as long.
                Open();
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
        catch (Exception)
        {
            // Whoever gives up must not keep the others out.
            LeaveAlone();
            throw;
        }
    }

    /// <summary>A suspect has been handled: the next one comes, or everything else.</summary>
    public void LeaveAlone()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult())
                    return;
            }

            _isTaken = false;
            Open();
        }
    }

    Task Take(int deaths, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return Task.CompletedTask;
            }

            var turn = Signal();
            _waiting.Enqueue(turn, (-deaths, _number++));
            return Wait(turn, cancellationToken);
        }
    }

    static async Task Wait(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    async Task<bool> Drain(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task drained;
        lock (_lock)
        {
            _drained = Signal();
            if (!_isClosed)
                _opened = Signal();

            _isClosed = true;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _inside) == 0)
                return true;

            drained = _drained.Task;
        }

        try
        {
            await drained.WaitAsync(patience, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    void Open()
    {
        lock (_lock)
        {
            _isClosed = false;
            _opened.TrySetResult();
        }
    }

    static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
