namespace Maestro.Bus.Persistence.Tests;

public sealed class SqliteMigrationTests : MigrationSuite
{
    [Fact]
    public async Task The_mark_of_a_process_that_was_killed_while_it_migrated_holds_nobody_up()
    {
        await Number("""CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL)""");
        await Number("""INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01')""");

        await Run(migrate: true).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
    }

    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresMigrationTests(PostgresFixture postgres) : MigrationSuite
{
    [Fact]
    public async Task A_database_that_is_not_there_stops_the_start_with_its_name()
    {
        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() =>
            Elsewhere(postgres.Server.ConnectionString.Replace("Database=postgres", "Database=missing", StringComparison.Ordinal)));

        Assert.StartsWith(
            "Bus:Database:ConnectionString names a database that is not there: database \"missing\" does not exist.", problem.Message);
        Assert.EndsWith("Create it: CREATE DATABASE \"missing\".", problem.Message);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_ends_the_command_with_a_sentence()
    {
        var port = Ports.Free();

        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() =>
            Elsewhere($"Host=127.0.0.1;Port={port};Database=bus;Username=bus"));

        Assert.StartsWith($"Bus:Database: PostgreSQL at 127.0.0.1:{port} cannot be used: ", problem.Message);
    }

    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Databases.Postgres(postgres, cancellationToken);

    static async Task Elsewhere(string connectionString)
    {
        var settings = new DatabaseSettings { Provider = DatabaseProvider.PostgreSql, ConnectionString = connectionString };
        await using var database = new BusDatabase(settings, "");
        var migrator = new DatabaseMigrator(
            database, [], TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<DatabaseMigrator>.Instance);
        await new MigrateCommand(migrator, database).Run(Cancellation);
    }
}
