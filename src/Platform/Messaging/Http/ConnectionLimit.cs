namespace Maestro.Bus.Messaging;

/// <summary>
/// Counts the connections of callers. They may have half of the files that nothing else of the process uses, so that databases, brokers and
/// the runtime never run out of files because of callers: a .NET process that cannot open an assembly is aborted.
/// </summary>
sealed class ConnectionLimit
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly TimeProvider _time;
    readonly Func<int?> _countFiles;
    readonly Func<int?> _fileLimit;
    readonly int _most;
    int _open;
    int? _allowed;
    long _measured;

    internal ConnectionLimit(int most, TimeProvider time, Func<int?> countFiles, Func<int?> fileLimit)
    {
        _time = time;
        _countFiles = countFiles;
        _fileLimit = fileLimit;
        _most = most;
    }

    public ConnectionLimit(HttpSettings settings, TimeProvider time)
        : this(settings.MaxConnections, time, OpenFiles.Count, OpenFiles.Limit)
    {
    }

    /// <summary>The connections that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The connections that may be open at present.</summary>
    public int Allowed
    {
        get
        {
            lock (_lock)
                return Measure();
        }
    }

    /// <summary>Takes a connection in; false if there are as many as may be.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_open >= Measure())
                return false;

            _open++;
            return true;
        }
    }

    /// <summary>Lets a connection out.</summary>
    public void Leave() => Interlocked.Decrement(ref _open);

    int Measure()
    {
        if (_allowed is { } known && _time.GetElapsedTime(_measured) < Interval)
            return known;

        _measured = _time.GetTimestamp();

        if (_fileLimit() is not { } limit)
            _allowed = _most;
        else if (_countFiles() is { } files)
            // The list of files is a file itself while it is read. One connection must be possible: health is asked for over it.
            _allowed = Math.Clamp((limit - (files - 1 - _open)) / 2, 1, _most);

        return _allowed ??= 1;
    }
}
