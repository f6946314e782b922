using System.Text.RegularExpressions;

namespace Maestro.Bus.Persistence;

/// <summary>The platform's own tables. A step that has been released is never changed; the next version adds one.</summary>
static partial class PlatformSchema
{
    public static IReadOnlyList<SchemaStep> Steps { get; } =
    [
        new(1, "outbox and inbox", SqliteOutboxSchema.Create, PostgresOutboxSchema.Create),
        new(2, "dead letters", DeadLetterSchema.Sqlite, DeadLetterSchema.PostgreSql),
        new(3, "idempotency", IdempotencySchema.Sqlite, IdempotencySchema.PostgreSql),
        new(4, "schedules", ScheduleSchema.Sqlite, ScheduleSchema.Postgres),
        new(5, "jobs", JobTables.Sqlite, JobTables.PostgreSql),
        new(6, "deaths", DeathSchema.Sqlite, DeathSchema.PostgreSql),
        new(7, "lease on schedules", ScheduleSchema.Lease, ScheduleSchema.Lease),
        new(8, "leases", LeaseSchema.Create, LeaseSchema.Create),
        new(9, "identity of the database", DatabaseIdentity.Sqlite, DatabaseIdentity.PostgreSql),
        new(10, "sagas", StoredSagaSchema.Sqlite, StoredSagaSchema.PostgreSql),
    ];

    /// <summary>The names of the tables that the steps make.</summary>
    public static IReadOnlySet<string> Tables(DatabaseProvider provider) => Steps
        .SelectMany(step => CreatedTable().Matches(provider == DatabaseProvider.Sqlite ? step.Sqlite : step.PostgreSql))
        .Select(match => match.Groups[1].Value)
        .Append(PlatformTables.Versions)
        // SQLite's names are the same in upper and lower case.
        .ToHashSet(provider == DatabaseProvider.Sqlite ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex CreatedTable();
}

/// <summary>One step of the platform's tables, in both databases' languages.</summary>
sealed record SchemaStep(int Version, string Name, string Sqlite, string PostgreSql);
