using System.Collections.Concurrent;

namespace Maestro.Bus.Jobs.Tests;

/// <summary>What the probe jobs have done in one host, and what they wait for.</summary>
public sealed class Probe
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<string> _begun = new();
    readonly ConcurrentQueue<object> _heard = new();
    int _active;
    int _most;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The names of the jobs that have begun, in order.</summary>
    public IReadOnlyList<string> Begun => [.. _begun];

    /// <summary>The messages that were received.</summary>
    public IReadOnlyList<object> Heard => [.. _heard];

    /// <summary>How many jobs have run at the same time, at most.</summary>
    public int MostAtOnce => _most;

    public void Begin(string name)
    {
        var active = Interlocked.Increment(ref _active);
        InterlockedMax(active);
        _begun.Enqueue(name);
    }

    public void End() => Interlocked.Decrement(ref _active);

    public void Hear(object message) => _heard.Enqueue(message);

    /// <summary>Lets a job end that waits under this name.</summary>
    public void Release(string name) => Gate(name).TrySetResult();

    public Task Wait(string name, CancellationToken cancellationToken) => Gate(name).Task.WaitAsync(cancellationToken);

    public Task UntilBegun(int count, TimeSpan? limit = null) => Eventually.True(
        () => Task.FromResult(_begun.Count >= count), limit ?? TimeSpan.FromSeconds(60), $"{count} jobs to begin", Cancellation);

    public Task<T> UntilHeard<T>(Func<T, bool>? condition = null)
        where T : class =>
        Eventually.Some(() => Task.FromResult(_heard.OfType<T>().FirstOrDefault(condition ?? (_ => true))), TimeSpan.FromSeconds(60),
            $"a {typeof(T).Name}", Cancellation);

    TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    void InterlockedMax(int active)
    {
        for (var most = _most; active > most; most = _most)
        {
            if (Interlocked.CompareExchange(ref _most, active, most) == most)
                return;
        }
    }
}
