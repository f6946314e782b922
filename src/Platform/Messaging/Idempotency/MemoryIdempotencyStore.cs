namespace Maestro.Bus.Messaging;

/// <summary>
/// Keeps claims and results in this process, for a host whose domains have no database: other processes do not know of them.
/// </summary>
sealed class MemoryIdempotencyStore(TimeProvider time) : IIdempotencyStore
{
    readonly Lock _lock = new();
    readonly Dictionary<(string Scope, string Key), Entry> _entries = [];

    public Task<ClaimAnswer> Claim(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = time.Monotonic();
            var known = key.Neighbours.Prepend(key.Text)
                .Select(text => _entries.GetValueOrDefault((key.Scope, text)))
                .OfType<Entry>()
                .Where(entry => entry.Expires > now)
                .ToList();

            if (known.Find(entry => entry.Results is not null) is { } done)
                return Task.FromResult(new ClaimAnswer(ClaimState.Done, done.Results));
            if (known.Count > 0)
                return Task.FromResult(new ClaimAnswer(ClaimState.Busy));

            var isOver = _entries.ContainsKey((key.Scope, key.Text));
            _entries[(key.Scope, key.Text)] = new Entry(run, now + lease, null);
            return Task.FromResult(new ClaimAnswer(isOver ? ClaimState.TakenOver : ClaimState.Mine));
        }
    }

    public Task Renew(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken)
    {
        Change(key, run, entry => entry with { Expires = time.Monotonic() + lease });
        return Task.CompletedTask;
    }

    public Task<bool> Complete(IdempotencyKey key, Guid run, byte[] results, TimeSpan retention, CancellationToken cancellationToken) =>
        Task.FromResult(Change(key, run, _ => new Entry(run, time.Monotonic() + retention, results)));

    public Task Release(IdempotencyKey key, Guid run, CancellationToken cancellationToken)
    {
        Change(key, run, _ => null);
        return Task.CompletedTask;
    }

    public Task DeleteExpired(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = time.Monotonic();
            foreach (var (key, _) in _entries.Where(entry => entry.Value.Expires <= now).ToList())
                _entries.Remove(key);
        }

        return Task.CompletedTask;
    }

    bool Change(IdempotencyKey key, Guid run, Func<Entry, Entry?> change)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((key.Scope, key.Text), out var entry) || entry.Run != run || entry.Results is not null)
                return false;

            if (change(entry) is { } changed)
                _entries[(key.Scope, key.Text)] = changed;
            else
                _entries.Remove((key.Scope, key.Text));

            return true;
        }
    }

    sealed record Entry(Guid Run, TimeSpan Expires, byte[]? Results);
}
