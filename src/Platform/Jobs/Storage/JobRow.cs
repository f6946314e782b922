using System.Data.Common;

namespace Maestro.Bus.Jobs;

/// <summary>A job as the table has it.</summary>
sealed record JobRow(
    long Sequence,
    Guid Id,
    string Type,
    string Queue,
    JobStage Stage,
    int Priority,
    DateTimeOffset Due,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    int Attempt,
    int Failures,
    int Stalls,
    Guid? Host,
    string? Canceled,
    long? ProgressValue,
    long? ProgressLimit,
    string? Tenant,
    Guid? Correlation,
    string? Properties,
    string Body,
    string? Saved,
    string? Reason,
    string? Exceptions,
    Guid? Parent,
    int ChildrenLeft,
    int ChildrenFailed,
    Guid? Batch)
{
    public const string Columns =
        "sequence, id, type, queue, state, priority, due, created, started, ended, attempt, failures, stalls, host, canceled, "
        + "progress_value, progress_limit, tenant, " +
        "correlation, properties, body, saved, reason, exceptions, parent, children_left, children_failed, batch";

    /// <summary>The id of the attempt that is being made: the same for everybody who knows the job.</summary>
    public Guid AttemptId => DeterministicId.Of($"{Id:N}/{Attempt}");

    /// <summary>
    /// How many attempts there were before the one that is being made, whatever has become of them: as MassTransit counts.
    /// </summary>
    public int RetryAttempt => Math.Max(0, Attempt - 1);

    public static JobRow Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), (JobStage)row.GetInt32(4), row.GetInt32(5),
        Time(row.GetInt64(6)), Time(row.GetInt64(7)), TimeOrNull(row, 8), TimeOrNull(row, 9),
        row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), IdOrNull(row, 13), TextOrNull(row, 14), NumberOrNull(row, 15),
        NumberOrNull(row, 16),
        TextOrNull(row, 17), IdOrNull(row, 18), TextOrNull(row, 19), row.GetString(20), TextOrNull(row, 21), TextOrNull(row, 22),
        TextOrNull(row, 23),
        IdOrNull(row, 24), row.GetInt32(25), row.GetInt32(26), IdOrNull(row, 27));

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? TimeOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : Time(row.GetInt64(column));

    public static string? TextOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? NumberOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    static Guid? IdOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
}
