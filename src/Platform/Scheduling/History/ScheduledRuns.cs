using System.Data;
using System.Data.Common;

namespace Maestro.Bus.Scheduling;

/// <summary>Notes in the history how runs have ended that went on when their messages were handled.</summary>
sealed class ScheduledRuns(TimeProvider time) : IScheduledRuns
{
    public async Task End(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<ScheduledRunEnd> ends, CancellationToken cancellationToken)
    {
        foreach (var end in ends)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText =
                "UPDATE schedule_run SET state = @state, attempts = @attempts, finished_at = @finished, duration = @duration, handled_by = "
                    + "@by, error = @error WHERE id = @id";
            Add(command, "state", DbType.String, end.Error is null ? nameof(RunState.Succeeded) : nameof(RunState.Failed));
            Add(command, "attempts", DbType.Int32, end.Attempts);
            Add(command, "finished", DbType.Int64, time.GetUtcNow().ToUnixTimeMilliseconds());
            Add(command, "duration", DbType.Int64, (long)end.Duration.TotalMilliseconds);
            Add(command, "by", DbType.String, Instance.Name);
            Add(command, "error", DbType.String, Stored.Error(end.Error));
            Add(command, "id", DbType.Guid, end.Run);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    static void Add(DbCommand command, string name, DbType type, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.DbType) = (name, type);
        parameter.Value = value is string text ? StorableText.Of(text) : value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
