using System.Globalization;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// The processes that hold messages. Each has a row in the file, and beside the file a lock that the operating system lets go of when the
/// process ends, in whatever way: who can take the lock knows that its owner is dead.
/// </summary>
sealed class Owners : IDisposable
{
    readonly Database _database;
    readonly FileStream _lock;
    readonly List<long> _others = [];

    public Owners(Database database, Clock clock)
    {
        _database = database;
        using var insert = database.PrepareOnce("INSERT INTO owner (process, started) VALUES (?1, ?2)");
        insert.Bind(1, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}@{Environment.MachineName}")).Bind(2, clock.Now)
            .Run();
        Id = database.LastInsertedId;
        _lock = Open(LockFile(Id));
    }

    public long Id { get; }

    /// <summary>Whether other processes use the file.</summary>
    public bool HasOthers => _others.Count > 0;

    /// <summary>Learns of processes that have come or gone.</summary>
    public void Refresh()
    {
        _others.Clear();
        using var rows = _database.PrepareOnce("SELECT id FROM owner");
        while (rows.Step())
        {
            if (rows.Long(0) is var id && id != Id)
                _others.Add(id);
        }
    }

    public List<long> FindDead() => _others.FindAll(IsDead);

    /// <summary>Forgets a dead owner, whose messages have been released.</summary>
    public void Remove(long id)
    {
        _database.Execute($"DELETE FROM owner WHERE id = {id}");
        _others.Remove(id);
        Delete(LockFile(id));
    }

    /// <summary>Takes leave of the file: nobody needs to find out that this process is gone.</summary>
    public void Leave()
    {
        try
        {
            _database.Execute($"DELETE FROM owner WHERE id = {Id}");
        }
        catch (SqliteTransportException)
        {
            // The file cannot be written at the end; whoever opens it next finds this owner dead.
        }

        Dispose();
    }

    public void Dispose()
    {
        _lock.Dispose();
        Delete(LockFile(Id));
    }

    bool IsDead(long id)
    {
        if (!File.Exists(LockFile(id)))
            return true;

        try
        {
            using var taken = Open(LockFile(id));
            return true;
        }
        catch (IOException)
        {
            // It is locked: its owner lives.
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's process; without the right to look, it counts as alive.
            return false;
        }
    }

    static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An empty file that stays behind means nothing without its row.
        }
    }

    string LockFile(long id) => $"{_database.Path}-owner-{id}";

    static FileStream Open(string path) => DataFolder.Open(path, FileMode.OpenOrCreate);
}
