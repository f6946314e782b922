using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>Commits that are put on the disk together.</summary>
public sealed class FlushTests
{
    // A partition that no dispatcher serves.
    const short Unserved = 99;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_who_come_while_one_flush_runs_wait_for_the_next_and_share_it()
    {
        using var gate = new SemaphoreSlim(0);
        var begun = 0;
        var flush = new SqliteFlush(() =>
        {
            Interlocked.Increment(ref begun);
            gate.Wait(Cancellation);
        });

        var first = flush.Flush();
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref begun) == 1), Limit, "the first flush", Cancellation);
        var others = Enumerable.Range(0, 10).Select(_ => flush.Flush()).ToList();
        Assert.Equal(1, Volatile.Read(ref begun));
        gate.Release();
        await first.WaitAsync(Limit, Cancellation);
        // It has begun before they came, and does not count for them.
        Assert.All(others, other => Assert.False(other.IsCompleted));
        gate.Release();
        await Task.WhenAll(others).WaitAsync(Limit, Cancellation);

        Assert.Equal((2, 2), (begun, flush.Count));
    }

    [Fact]
    public async Task A_flush_that_fails_fails_for_those_who_wait_for_it_and_no_others()
    {
        var isFull = true;
        var flush = new SqliteFlush(() =>
        {
            if (Volatile.Read(ref isFull))
                throw new IOException("The disk does not answer.");
        });

        await Assert.ThrowsAsync<IOException>(() => flush.Flush().WaitAsync(Limit, Cancellation));
        Volatile.Write(ref isFull, false);

        await flush.Flush().WaitAsync(Limit, Cancellation);
    }

    [Theory]
    [InlineData("WAL", true)]
    [InlineData("DELETE", false)]
    public async Task What_a_message_changes_is_flushed_where_the_file_has_a_log_and_other_commits_flush_themselves(
        string mode, bool isShared)
    {
        const int count = 20;
        var settings = Databases.Sqlite();
        await using (await ShopHost.Start(settings))
        {
            // It makes the tables.
        }

        // The mode can be changed only while no connection has the file open.
        SqliteConnection.ClearAllPools();
        await using (var file = new SqliteConnection($"Data Source={settings["Bus:Database:Path"]};Pooling=false"))
        {
            await file.OpenAsync(Cancellation);
            Assert.Equal(mode.ToLowerInvariant(), await Ask(file, $"PRAGMA journal_mode = {mode}"));
        }

        settings["Bus:Database:Migrate"] = "false";
        await using var shop = await ShopHost.Start(settings);
        var database = shop.Services.GetRequiredService<BusDatabase>();
        Assert.Equal(mode.ToLowerInvariant(), await Ask(database, "PRAGMA journal_mode"));
        var log = ((SqliteOutboxStore)shop.Services.GetRequiredService<IOutboxStore>()).Log;

        for (var number = 0; number < count; number++)
            await shop.Bus.Publish(new PlaceOrder(number), Cancellation);
        await shop.Received.Until(count);
        await shop.UntilEmpty();

        Assert.Equal(isShared, log.Count > 0);
        // One for each message's commit and one for each time that messages were read to be sent, at most.
        Assert.InRange(log.Count, 0, 3 * count);
        Assert.Equal(2L, await Ask(database, "PRAGMA synchronous"));
        // The connections of the messages are used by others again.
        Assert.Equal(2L, await shop.Query(async context =>
        {
            await using var connection = new SqliteConnection(context.Database.GetConnectionString());
            await connection.OpenAsync(Cancellation);
            return await Ask(connection, "PRAGMA synchronous");
        }));
    }

    [Fact]
    public async Task What_was_committed_is_put_on_the_disk_before_it_is_sent()
    {
        await using var shop = await ShopHost.Start(Databases.Sqlite());
        var store = (SqliteOutboxStore)shop.Services.GetRequiredService<IOutboxStore>();
        await shop.Bus.Publish(new PlaceOrder(1), Cancellation);
        await shop.Received.Until(1);
        await shop.UntilEmpty();
        var before = store.Log.Count;

        // Nothing is there to send, and then a message of another process, whose flush nobody here knows of.
        Assert.Empty(await store.Read([Unserved], [], 10, Cancellation));
        Assert.Equal(before, store.Log.Count);
        await Ask(
            shop.Services.GetRequiredService<BusDatabase>(),
            $"""
            INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body)
            VALUES ({Unserved}, '{NewId.NextGuid()}', 'key', 'queue:nowhere', x'00', x'00')
            """);
        Assert.Single(await store.Read([Unserved], [], 10, Cancellation));
        Assert.True(store.Log.Count > before);
    }

    static async Task<object?> Ask(BusDatabase database, string question)
    {
        await using var connection = await database.Open(Cancellation);
        return await Ask(connection, question);
    }

    static async Task<object?> Ask(DbConnection connection, string question)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = question;
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
