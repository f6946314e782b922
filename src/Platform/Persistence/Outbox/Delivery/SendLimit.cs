namespace Maestro.Bus.Persistence;

/// <summary>The time limit of sends. Those that begin within the same second share a timer.</summary>
sealed class SendLimit(TimeSpan timeout, TimeProvider time)
{
    static readonly TimeSpan Slot = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    CancellationTokenSource? _source;
    long _begun;

    public CancellationToken Stopping { get; set; }

    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                if (_source is null || time.GetElapsedTime(_begun) > Slot)
                {
                    _begun = time.GetTimestamp();
                    _source = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
                    _source.CancelAfter(timeout + Slot);
                }

                return _source.Token;
            }
        }
    }
}
