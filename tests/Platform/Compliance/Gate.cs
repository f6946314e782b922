namespace Maestro.Bus.Compliance;

/// <summary>Holds consumers until the test lets them go.</summary>
public sealed class Gate
{
    readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    public Task Pass()
    {
        Interlocked.Increment(ref _waiting);
        return _open.Task;
    }

    public void Open() => _open.TrySetResult();

    /// <summary>Waits until so many consumers stand before the gate.</summary>
    public Task Holds(int count) =>
        Eventually.True(
            () => Task.FromResult(Waiting >= count), Limits.Arrival, $"{count} consumers at work", TestContext.Current.CancellationToken);
}
