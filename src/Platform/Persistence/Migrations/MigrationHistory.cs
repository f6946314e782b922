namespace Maestro.Bus.Persistence;

/// <summary>Names the table that holds what has been migrated: one for each domain's context, for all of them share a database.</summary>
static class MigrationHistory
{
    public const string DefaultTable = "__EFMigrationsHistory";

    public static string TableOf(Type context) => $"{DefaultTable}_{context.Name.Replace("DbContext", "", StringComparison.Ordinal)}";
}
