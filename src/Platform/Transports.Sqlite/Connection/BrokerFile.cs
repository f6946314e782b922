namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Opens the bus's file for writing, after a look at whether it can be the bus's file at all.</summary>
static class BrokerFile
{
    /// <summary>Up to this size the file is read as a whole at the start, to find damage before messages rely on it.</summary>
    const long LargestChecked = 64 << 20;

    /// <exception cref="BusConfigurationException">The file cannot be used.</exception>
    public static Database Open(string path, SqliteSettings settings)
    {
        MakeFile(path);
        Database? database = null;

        try
        {
            database = Database.Open(path, settings.BusyTimeout);
            Check(database);
            Schema.Prepare(database);
            database.Execute($"""
                PRAGMA synchronous = {(settings.Durability == SqliteDurability.Full ? "FULL" : "NORMAL")};
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -32768;
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = {Housekeeping.LargestLog};
                """);

            if (settings.DiskPages is { } pages)
                database.Execute($"PRAGMA max_page_count = {pages}");

            return database;
        }
        catch (Exception exception) when (exception is SqliteTransportException or BusConfigurationException)
        {
            // The host shows configuration errors as they are; a file that cannot be used is one.
            database?.Dispose();
            throw exception as BusConfigurationException ?? new BusConfigurationException(exception.Message, exception);
        }
    }

    static void MakeFile(string path)
    {
        if (Directory.Exists(path))
            throw new BusConfigurationException(
                $"Bus:Sqlite:Path is {path}, which is a directory. Name a file, such as {Path.Combine(path, "bus.db")}.");

        try
        {
            DataFolder.CreateDatabase(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BusConfigurationException(
                $"The directory of Bus:Sqlite:Path, {Path.GetDirectoryName(path)}, cannot be made: {exception.Message} Name a file where "
                    + "the bus's user may write.");
        }
    }

    static void Check(Database database)
    {
        if (new FileInfo(database.Path) is { Exists: true, Length: > 0 and <= LargestChecked }
            && database.Text("PRAGMA quick_check(1)") is var result && result != "ok")
            throw SqliteTransportException.Of(database.Path, raw.SQLITE_CORRUPT, result ?? "");
    }
}
