namespace Maestro.Bus.Compliance;

/// <summary>What consumers call, and what can be down.</summary>
sealed class Dependency
{
    readonly Lock _lock = new();
    bool _isDown;
    int _running;
    int _most;
    int _refused;

    /// <summary>How many calls are being made.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>How many calls there were at a time, at most, since it was last measured.</summary>
    public int Most
    {
        get
        {
            lock (_lock)
                return _most;
        }
    }

    /// <summary>How many calls have failed since it was last measured.</summary>
    public int Refused
    {
        get
        {
            lock (_lock)
                return _refused;
        }
    }

    public async Task Call()
    {
        lock (_lock)
            _most = Math.Max(_most, ++_running);

        await Task.Yield();

        lock (_lock)
        {
            _running--;
            if (!_isDown)
                return;

            _refused++;
        }

        throw new HttpRequestException("It is down.");
    }

    public void GoDown()
    {
        lock (_lock)
            _isDown = true;
    }

    public void ComeBack()
    {
        lock (_lock)
            _isDown = false;
    }

    public void Measure()
    {
        lock (_lock)
            (_most, _refused) = (0, 0);
    }
}
