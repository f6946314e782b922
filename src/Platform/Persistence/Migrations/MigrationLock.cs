using Npgsql;

namespace MaestroBus.Persistence;

/// <summary>Held while tables are created or upgraded, so that hosts that start at the same time do so one after the other. It ends with the process that holds it.</summary>
sealed class MigrationLock(IAsyncDisposable held) : IAsyncDisposable
{
    const long Key = 0x62_75_73_6D_69_67;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task<MigrationLock> Take(BusDatabase database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (database.DataSource is { } source)
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock({Key})", connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new MigrationLock(new Session(connection));
        }

        while (true)
        {
            try
            {
                // The file stays: one that is deleted can be locked by two, each with a file of its own.
                return new MigrationLock(new FileStream($"{database.Path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists($"{database.Path}.lock"))
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => held.DisposeAsync();

    /// <summary>A connection goes back to its pool with what its session holds.</summary>
    sealed class Session(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                await using var command = new NpgsqlCommand($"SELECT pg_advisory_unlock({Key})", connection);
                await command.ExecuteNonQueryAsync();
            }
        }
    }
}
