using System.Data.Common;

namespace Maestro.Bus.Persistence.Tests;

public sealed class ReadTests
{
    [Fact]
    public async Task A_cancellation_ends_a_statement_that_runs_for_ever_and_the_connection_can_be_used_again()
    {
        using var folder = new TemporaryFolder();
        await using var database = new BusDatabase(new DatabaseSettings(), folder.At("state.db"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Read(
            connection => Scalar(connection, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"),
            limit.Token));

        Assert.Equal(7L, await database.Read(connection => Scalar(connection, "SELECT 7"), TestContext.Current.CancellationToken));
    }

    static async Task<object?> Scalar(DbConnection connection, string statement)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteScalarAsync(CancellationToken.None);
    }
}
