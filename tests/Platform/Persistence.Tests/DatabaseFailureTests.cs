using Microsoft.Data.Sqlite;
using Npgsql;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What the databases' own clients throw, and whether it means that the database is away.</summary>
public sealed class DatabaseFailureTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, true)] // SQLITE_BUSY
    [InlineData(6, true)] // SQLITE_LOCKED
    [InlineData(7, true)] // SQLITE_NOMEM
    [InlineData(8, true)] // SQLITE_READONLY
    [InlineData(10, true)] // SQLITE_IOERR
    [InlineData(13, true)] // SQLITE_FULL
    [InlineData(14, true)] // SQLITE_CANTOPEN
    [InlineData(15, true)] // SQLITE_PROTOCOL
    [InlineData(1, false)] // SQLITE_ERROR
    [InlineData(11, false)] // SQLITE_CORRUPT
    [InlineData(18, false)] // SQLITE_TOOBIG
    [InlineData(19, false)] // SQLITE_CONSTRAINT
    [InlineData(20, false)] // SQLITE_MISMATCH
    [InlineData(26, false)] // SQLITE_NOTADB
    public void SQLites_codes_say_whether_the_file_is_away(int code, bool isAway) =>
        Assert.Equal(isAway, DatabaseFailures.IsAway(new DbUpdateException("It wraps.", new SqliteException("message", code))));

    [Fact]
    public async Task A_host_without_a_server_is_away_and_so_are_several_none_of_which_will_do()
    {
        var nobody = Ports.Free();

        Assert.True(DatabaseFailures.IsAway(await Failure($"Host=127.0.0.1;Port={nobody};Username=bus;Timeout=5")));
        Assert.True(DatabaseFailures.IsAway(await Failure($"Host=127.0.0.1:{nobody},127.0.0.1:{Ports.Free()};Username=bus;Timeout=5")));
        Assert.True(DatabaseFailures.IsAway(await Failure(
            $"Host=127.0.0.1:{postgres.Server.Port},127.0.0.1:{nobody};Username=postgres;Target Session Attributes=Standby;Timeout=5")));
    }

    [Fact]
    public async Task A_pooler_without_a_server_is_away()
    {
        await using var server = new PostgresServer();
        await server.Start(Cancellation);
        await using var bouncer = new PgBouncerServer();
        await bouncer.Start(server, "transaction", Cancellation);
        var connectionString = bouncer.Of(server.ConnectionString);
        await server.Kill();

        Assert.True(DatabaseFailures.IsAway(await Failure($"{connectionString};Timeout=30")));
    }

    static async Task<Exception> Failure(string connectionString)
    {
        await using var source = new NpgsqlDataSourceBuilder($"{connectionString};Pooling=true").BuildMultiHost();
        return await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var connection = await source.OpenConnectionAsync(Cancellation);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(Cancellation);
        });
    }
}
