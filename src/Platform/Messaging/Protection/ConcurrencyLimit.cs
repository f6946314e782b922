namespace Maestro.Bus.Messaging;

/// <summary>How many messages are worked on at a time: a limit that can be changed while they are.</summary>
sealed class ConcurrencyLimit(int limit)
{
    readonly Lock _lock = new();
    readonly LinkedList<TaskCompletionSource> _waiting = [];
    int _limit = limit;
    int _running;

    /// <summary>Whether one more may be worked on at once.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_running >= _limit)
                return false;

            _running++;
            return true;
        }
    }

    /// <summary>Waits until one more may be worked on.</summary>
    public async ValueTask Enter(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> turn;

        lock (_lock)
        {
            if (TryEnter())
                return;

            turn = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await turn.Value.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUp(turn);
            throw;
        }
    }

    /// <summary>One has been worked on.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _running--;
            LetIn();
        }
    }

    /// <summary>Changes the limit. Those at work beyond a lower one come to their end.</summary>
    public void Change(int limit)
    {
        lock (_lock)
        {
            _limit = limit;
            LetIn();
        }
    }

    void GiveUp(LinkedListNode<TaskCompletionSource> turn)
    {
        lock (_lock)
        {
            if (turn.List is not null)
            {
                _waiting.Remove(turn);
                return;
            }

            // The turn has come at the same moment, and goes to the next.
            _running--;
            LetIn();
        }
    }

    void LetIn()
    {
        while (_running < _limit && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            _running++;
            first.Value.SetResult();
        }
    }
}
