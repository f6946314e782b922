namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Refuses messages while the file holds as much as it may. Used on the writer's thread.</summary>
sealed class SizeLimit(Database database, int? megabytes)
{
    readonly long _pageSize = database.Scalar("PRAGMA page_size");
    readonly Statement _pages = database.Prepare("PRAGMA page_count");
    readonly Statement _free = database.Prepare("PRAGMA freelist_count");
    long _used = -1;

    /// <summary>A transaction has begun.</summary>
    public void Begin() => _used = -1;

    /// <exception cref="SqliteTransportException">There is no room for the message.</exception>
    public void Take(Message message)
    {
        if (megabytes is not { } limit)
            return;

        if (_used < 0)
            _used = ((_pages.Value() ?? 0) - (_free.Value() ?? 0)) * _pageSize;
        if (_used >= limit * 1024L * 1024L)
            throw SqliteTransportException.TooLarge(database.Path, limit);

        // The pages of what the transaction itself writes are counted when it has ended.
        _used += message.BinaryBody?.Length ?? 0;
    }
}
