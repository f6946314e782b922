using Npgsql;

namespace Maestro.Bus.Persistence.Tests;

public sealed class PostgresServerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_server_that_was_killed_starts_again_with_what_was_committed()
    {
        await using var server = new PostgresServer();
        await server.Start(TestContext.Current.CancellationToken);
        var database = await server.CreateDatabase(TestContext.Current.CancellationToken);
        await Run(database, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)");

        await server.Kill();
        await server.Start(TestContext.Current.CancellationToken);

        Assert.Equal(42, await Run(database, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task Each_database_is_a_new_one()
    {
        var first = await postgres.Server.CreateDatabase(TestContext.Current.CancellationToken);
        var second = await postgres.Server.CreateDatabase(TestContext.Current.CancellationToken);

        Assert.NotEqual(await Run(first, "SELECT current_database()"), await Run(second, "SELECT current_database()"));
    }

    static async Task<object?> Run(string database, string statement)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(statement);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
