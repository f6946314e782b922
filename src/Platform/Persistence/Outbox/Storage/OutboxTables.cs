namespace MaestroBus.Persistence;

/// <summary>Creates the outbox's and inbox's tables where they are missing.</summary>
public static class OutboxTables
{
    public static async Task CreateOutboxTables(this BusDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = database.Provider == DatabaseProvider.PostgreSql
            ? "SELECT count(*) FROM pg_class WHERE oid = to_regclass('outbox_message')"
            : "SELECT count(*) FROM sqlite_master WHERE name = 'outbox_message'";
        if (await command.ExecuteScalarAsync(cancellationToken) is 1L)
            return;

        command.CommandText = database.Provider == DatabaseProvider.PostgreSql ? PostgresOutboxSchema.Create : SqliteOutboxSchema.Create;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
