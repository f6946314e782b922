namespace Maestro.Bus.Persistence;

/// <summary>The statements on stored sagas in a database's language.</summary>
/// <param name="Lock">Lets those who want an instance that does not exist wait for each other; null on SQLite.</param>
/// <param name="Read">Reads an instance.</param>
/// <param name="Take">Reads an instance and locks its row, where the database can.</param>
/// <param name="Search">Reads all instances of a type that meet a condition, which is to be appended.</param>
/// <param name="Insert">Inserts an instance unless it exists.</param>
/// <param name="Update">Replaces an instance unless another has changed it.</param>
/// <param name="Delete">Deletes an instance unless another has changed it.</param>
sealed record StoredSagaStatements(string? Lock, string Read, string Take, string Search, string Insert, string Update, string Delete)
{
    const string Instance = "WHERE type = @type AND id = @id";
    const string Unchanged = $"{Instance} AND version = @version";
    const string Columns = "SELECT id, version, data FROM stored_saga";

    static readonly StoredSagaStatements Sqlite = Of(null, "", "@data");

    static readonly StoredSagaStatements PostgreSql = Of(
        "SELECT pg_advisory_xact_lock(hashtextextended(@key, 0))", " FOR UPDATE", "CAST(@data AS json)");

    public static StoredSagaStatements For(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite ? Sqlite : PostgreSql;

    static StoredSagaStatements Of(string? statement, string rowLock, string data) => new(
        statement,
        $"{Columns} {Instance}",
        $"{Columns} {Instance}{rowLock}",
        $"{Columns} WHERE type = @type AND ",
        $"INSERT INTO stored_saga (type, id, version, data) VALUES (@type, @id, 1, {data}) ON CONFLICT DO NOTHING",
        $"UPDATE stored_saga SET version = version + 1, data = {data} {Unchanged}",
        $"DELETE FROM stored_saga {Unchanged}");
}
