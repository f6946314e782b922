namespace Maestro.Bus.Benchmarks;

/// <summary>Counts messages down to the last one expected.</summary>
public sealed class Arrivals
{
    TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _missing;

    /// <summary>Expects a number of messages, and completes when the last of them has arrived.</summary>
    public Task Expect(int count)
    {
        _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _missing, count);
        return _all.Task;
    }

    public void Arrived()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
            _all.TrySetResult();
    }
}
