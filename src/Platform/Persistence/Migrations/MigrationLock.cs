using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Held while tables are created or upgraded, so that hosts that start at the same time do so one after the other. It ends with the process
/// that holds it.
/// </summary>
sealed class MigrationLock(IAsyncDisposable held) : IAsyncDisposable
{
    const long Key = 0x62_75_73_6D_69_67;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task<MigrationLock> Take(BusDatabase database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (database.DataSource is { } source)
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                $"SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock({Key})", connection, transaction)
            {
                CommandTimeout = 0,
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new MigrationLock(new Session(connection, transaction));
        }

        while (true)
        {
            try
            {
                // The file stays: one that is deleted can be locked by two, each with a file of its own.
                return new MigrationLock(DataFolder.Open($"{database.Path}.lock", FileMode.OpenOrCreate));
            }
            catch (IOException) when (File.Exists($"{database.Path}.lock"))
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => held.DisposeAsync();

    /// <summary>The lock is a transaction's, as a pooler may give the session to somebody else after one.</summary>
    sealed class Session(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // Rolled back with it; if the connection is lost, the lock is, too.
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
