using Microsoft.Extensions.Logging;
using Npgsql;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What the log says of a command of Entity Framework's that has failed.</summary>
public sealed class CommandFailureTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_that_has_failed_has_its_line_unless_the_database_is_away()
    {
        var connectionString = await postgres.Server.CreateDatabase(Cancellation);
        await using var database = new BusDatabase(
            new DatabaseSettings { Provider = DatabaseProvider.PostgreSql, ConnectionString = connectionString }, "");
        using var lines = new LogLines();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(lines));
        var options = new DbContextOptionsBuilder().UseLoggerFactory(loggers);
        database.Use(options);
        await using var context = new DbContext(options.Options);

        await Assert.ThrowsAsync<PostgresException>(() => context.Database.ExecuteSqlRawAsync("SELECT nothing", Cancellation));
        await context.Database.OpenConnectionAsync(Cancellation);
        await using var owner = new NpgsqlConnection(postgres.Server.ConnectionString + ";Pooling=false");
        await owner.OpenAsync(Cancellation);
        await using var end = new NpgsqlCommand(
            """
            SELECT bool_and(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
            WHERE datname = $1 AND backend_type = 'client backend'
            """,
            owner);
        end.Parameters.Add(new() { Value = new NpgsqlConnectionStringBuilder(connectionString).Database! });
        Assert.Equal(true, await end.ExecuteScalarAsync(Cancellation));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => context.Database.ExecuteSqlRawAsync("SELECT 1", Cancellation));

        Assert.Contains("SELECT nothing", Assert.Single(lines.Of(LogLevel.Error)), StringComparison.Ordinal);
    }
}
