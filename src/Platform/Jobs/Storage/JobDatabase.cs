namespace Maestro.Bus.Jobs;

/// <summary>Transactions on the platform's database. What only met another transaction is tried again.</summary>
sealed class JobDatabase(BusDatabase database)
{
    const int ConflictAttempts = 5;

    /// <summary>Whether the database can lock single rows, and tell other processes of what happens.</summary>
    public bool IsPostgres => database.DataSource is not null;

    /// <summary>Tells whether something has failed because of the database, and not of what was to be written.</summary>
    public static bool IsCause(Exception exception) => DatabaseFailures.IsAway(exception) || Conflict.IsConflict(exception);

    public Task<T> Read<T>(Func<JobSession, Task<T>> read, CancellationToken cancellationToken) =>
        database.Read(connection => read(new JobSession(connection, null)), cancellationToken);

    public async Task<T> Write<T>(Func<JobSession, Task<T>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await database.Write((connection, transaction) => write(new JobSession(connection, transaction)), cancellationToken);
            }
            catch (Exception exception) when (attempt < ConflictAttempts && Conflict.IsConflict(exception))
            {
                // Two transactions met: the same one succeeds when it runs alone.
            }
        }
    }
}
