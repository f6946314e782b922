using System.Data;

namespace MaestroBus.Jobs;

/// <summary>Transactions on the platform's database. What only met another transaction is tried again.</summary>
sealed class JobDatabase(BusDatabase database)
{
    const int ConflictAttempts = 5;

    /// <summary>Whether the database can lock single rows, and tell other processes of what happens.</summary>
    public bool IsPostgres => database.DataSource is not null;

    public async Task<T> Read<T>(Func<JobSession, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        return await read(new JobSession(connection, null));
    }

    public async Task<T> Write<T>(Func<JobSession, Task<T>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnce(write, cancellationToken);
            }
            catch (Exception exception) when (attempt < ConflictAttempts && Conflict.IsConflict(exception))
            {
                // Two transactions met: the same one succeeds when it runs alone.
            }
        }
    }

    async Task<T> WriteOnce<T>(Func<JobSession, Task<T>> write, CancellationToken cancellationToken)
    {
        using var turn = await database.Write(cancellationToken);
        await using var connection = await database.Open(cancellationToken);
        // SQLite's is immediate: it is the writer from its beginning.
        await using var transaction = await connection.BeginTransactionAsync(IsPostgres ? IsolationLevel.ReadCommitted : IsolationLevel.Unspecified, cancellationToken);
        var result = await write(new JobSession(connection, transaction));
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }
}
