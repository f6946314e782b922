namespace MaestroBus.Persistence;

/// <summary>Creates the outbox's and inbox's tables where they are missing.</summary>
public static class OutboxTables
{
    public static async Task CreateOutboxTables(this BusDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT to_regclass('outbox_message') IS NULL";
        if (await command.ExecuteScalarAsync(cancellationToken) is false)
            return;
        command.CommandText = PostgresOutboxSchema.Create;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
