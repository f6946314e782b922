namespace Maestro.Bus.Persistence;

/// <summary>
/// Lets the messages that this process handles for one saga instance take turns, on SQLite: it has no lock on a row, and one on the file
/// would hold up everything else while a saga waits for other systems.
/// </summary>
sealed class SagaTurns
{
    readonly Lock _lock = new();
    readonly Dictionary<(string Type, Guid Id), Place> _places = [];

    /// <summary>Waits for the turn, which lasts until what is returned is disposed.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<IDisposable> Enter(string type, Guid id, CancellationToken cancellationToken)
    {
        var turn = new Turn(this, (type, id), Come((type, id)));

        try
        {
            await turn.Begin(cancellationToken);
            return turn;
        }
        catch
        {
            Go((type, id));
            throw;
        }
    }

    Place Come((string Type, Guid Id) key)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var place))
                _places[key] = place = new Place();
            place.Visitors++;
            return place;
        }
    }

    void Go((string Type, Guid Id) key)
    {
        lock (_lock)
        {
            if (--_places[key].Visitors == 0)
                _places.Remove(key);
        }
    }

    sealed class Place
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public int Visitors { get; set; }
    }

    sealed class Turn(SagaTurns turns, (string Type, Guid Id) key, Place place) : IDisposable
    {
        int _over;

        public Task Begin(CancellationToken cancellationToken) => place.Gate.WaitAsync(cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) != 0)
                return;

            place.Gate.Release();
            turns.Go(key);
        }
    }
}
