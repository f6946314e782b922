using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>The versions of the platform's own tables that a database has had.</summary>
static class PlatformTables
{
    /// <summary>The table of versions.</summary>
    public const string Versions = "platform_schema";

    /// <summary>Makes the table of versions.</summary>
    public static async Task Prepare(DbConnection connection, DatabaseProvider provider, CancellationToken cancellationToken)
    {
        if (provider == DatabaseProvider.Sqlite)
            await Execute(connection, null, "PRAGMA journal_mode = WAL", cancellationToken);

        await Execute(connection, null,
            "CREATE TABLE IF NOT EXISTS platform_schema (version integer PRIMARY KEY, name text NOT NULL, applied text NOT NULL)",
            cancellationToken);
    }

    /// <exception cref="BusConfigurationException">The tables come from a newer version.</exception>
    public static async Task<IReadOnlyList<SchemaStep>> Missing(
        DbConnection connection, DatabaseProvider provider, CancellationToken cancellationToken)
    {
        var exists = provider == DatabaseProvider.Sqlite
            ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'platform_schema'"
            : "SELECT count(*) FROM pg_class WHERE oid = to_regclass('platform_schema')";
        var version = await Number(connection, exists, cancellationToken) == 0
            ? 0
            : await Number(connection, "SELECT coalesce(max(version), 0) FROM platform_schema", cancellationToken);
        var known = PlatformSchema.Steps.Select(step => step.Version).DefaultIfEmpty(0).Max();

        return version > known
            ? throw new BusConfigurationException(
                $"The database has the platform's tables of version {version}, and this program knows {known}. It comes from a newer "
                    + "version: start that version, or restore an older copy of the database.")
            : [.. PlatformSchema.Steps.Where(step => step.Version > version)];
    }

    /// <exception cref="BusConfigurationException">The application has a table by the name of one of these.</exception>
    public static async Task Apply(
        DbConnection connection, SchemaStep step, DatabaseProvider provider, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        try
        {
            await Execute(connection, transaction, provider == DatabaseProvider.Sqlite ? step.Sqlite : step.PostgreSql, cancellationToken);
        }
        catch (DbException exception) when (exception.SqlState == PostgresErrorCodes.DuplicateTable
            || (exception is SqliteException && exception.Message.Contains("already exists", StringComparison.Ordinal)))
        {
            throw new BusConfigurationException(
                $"The database has a table by the name of one that the bus makes for itself ({step.Name}): "
                + $"{exception.Message.TrimEnd('.')}. Rename "
                + "that table, or give the bus a database of its own.");
        }

        await Execute(
            connection, transaction,
            $"INSERT INTO platform_schema (version, name, applied) VALUES ({step.Version}, '{step.Name}', '{time.GetUtcNow():O}')",
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    static async Task Execute(DbConnection connection, DbTransaction? transaction, string statements, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<long> Number(DbConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }
}
