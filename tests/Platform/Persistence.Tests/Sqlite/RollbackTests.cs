using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>Transactions that SQLite has rolled back by itself.</summary>
public sealed class RollbackTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_has_failed_is_told_and_not_the_rollback_after_it_and_the_database_goes_on()
    {
        await using var shop = await ShopHost.Start(Databases.Sqlite());
        var database = shop.Services.GetRequiredService<BusDatabase>();

        for (var round = 0; round < 3; round++)
        {
            // SQLite has rolled back, as after a commit that met a full disk, and its client has not heard of it.
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => database.Write<int>(
                (connection, _) =>
                {
                    SQLitePCL.raw.sqlite3_rollback_hook(((SqliteConnection)connection).Handle, null, null);
                    SQLitePCL.raw.sqlite3_exec(((SqliteConnection)connection).Handle, "ROLLBACK");
                    throw new InvalidOperationException("The disk is full.");
                },
                Cancellation));
            Assert.Equal("The disk is full.", failure.Message);

            // And here it has heard of it.
            failure = await Assert.ThrowsAsync<InvalidOperationException>(() => database.Write<int>(
                (connection, _) =>
                {
                    SQLitePCL.raw.sqlite3_exec(((SqliteConnection)connection).Handle, "ROLLBACK");
                    throw new InvalidOperationException("The disk is full.");
                },
                Cancellation));
            Assert.Equal("The disk is full.", failure.Message);

            failure = await Assert.ThrowsAsync<InvalidOperationException>(() => shop.InScope(async (context, _, _) =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
                var connection = (SqliteConnection)context.Database.GetDbConnection();
                SQLitePCL.raw.sqlite3_rollback_hook(connection.Handle, null, null);
                SQLitePCL.raw.sqlite3_exec(connection.Handle, "ROLLBACK");
                throw new InvalidOperationException("The disk is full.");
            }));
            Assert.Equal("The disk is full.", failure.Message);
        }

        await shop.InScope(async (context, _, _) =>
        {
            context.Add(new Order { Number = 1 });
            await context.SaveChangesAsync(Cancellation);
        });
        Assert.Equal(1, await shop.Orders(1));
    }
}
