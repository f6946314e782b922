namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// A client that is made when it is first used, and anew once certificates have changed, as librdkafka reads them when a client is made, or
/// once it has got a fatal error, with which it refuses everything from then on.
/// </summary>
/// <typeparam name="T">The client.</typeparam>
/// <param name="make">Makes it. It calls the action that it is given with the reason of a fatal error.</param>
/// <param name="version">Counts the changes of the certificates.</param>
/// <param name="time">The stopwatch.</param>
sealed class Renewable<T>(Func<Action<string>, T> make, Func<int> version, TimeProvider time) : IAsyncDisposable
    where T : class, IDisposable
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A client that is refused is told so when it has found the broker.
    static readonly TimeSpan Proof = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    T? _client;
    int _version;
    int _generation;
    int _users;
    TaskCompletionSource? _idle;
    string? _reason;
    bool _isDead;
    TimeSpan _made;
    TimeSpan _next;
    TimeSpan _pause = FirstPause;

    /// <summary>The fatal error, as long as no client has worked since.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
                return _isDead || _client is null || time.Monotonic() - _made < Proof ? _reason : _reason = null;
        }
    }

    /// <summary>Uses the client. A new one takes over when nobody uses the old one any more, so that records keep their order.</summary>
    public async Task<TResult> Use<TResult>(Func<T, Task<TResult>> use)
    {
        var client = await Enter().ConfigureAwait(false);

        try
        {
            return await use(client).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Disposes of the client, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
            await Task.Run(client.Dispose).ConfigureAwait(false);
    }

    async ValueTask<T> Enter()
    {
        while (true)
        {
            Task change;

            lock (_lock)
            {
                if (_client is not null && IsOld && _users == 0)
                    Drop(_client);

                var now = time.Monotonic();
                if (_client is null && now >= _next)
                    Make(now);

                if (_client is not null && !IsOld)
                {
                    _users++;
                    return _client;
                }

                if (_client is null)
                {
                    change = Task.Delay(_next - now, time);
                }
                else
                {
                    _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    change = _idle.Task;
                }
            }

            await change.ConfigureAwait(false);
        }
    }

    bool IsOld => _isDead || _version != version();

    void Drop(T client)
    {
        if (_isDead)
        {
            // What it still has to say keeps nobody waiting.
            _ = Task.Run(client.Dispose);
            _pause = time.Monotonic() - _made < LongestPause ? TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks))
                : FirstPause;
            _next = time.Monotonic() + _pause;
        }
        else
        {
            client.Dispose();
        }

        _client = null;
    }

    void Make(TimeSpan now)
    {
        var (made, generation) = (version(), ++_generation);
        _client = make(reason => Died(generation, reason));
        (_version, _made, _isDead) = (made, now, false);
    }

    void Died(int generation, string reason)
    {
        lock (_lock)
        {
            if (generation != _generation)
                return;

            (_isDead, _reason) = (true, reason);
        }
    }

    void Leave()
    {
        lock (_lock)
        {
            if (--_users > 0 || _idle is null)
                return;

            _idle.SetResult();
            _idle = null;
        }
    }
}
