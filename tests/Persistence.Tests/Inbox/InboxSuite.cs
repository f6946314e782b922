namespace MaestroBus.Persistence.Tests;

/// <summary>What the inbox does on every database.</summary>
public abstract class InboxSuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task A_message_that_is_delivered_again_is_handled_once()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var id = NewId.NextGuid();

        for (var delivery = 0; delivery < 3; delivery++)
            await shop.Bus.Publish(new PlaceOrder(1), publish => publish.MessageId = id, Cancellation);
        await shop.Bus.Publish(new PlaceOrder(2), Cancellation);

        await shop.Received.Until(2);
        await shop.UntilEmpty();
        Assert.Equal([1, 2], shop.Received.Numbers.Order());
        Assert.Equal(1, await shop.Orders(1));
    }

    [Fact]
    public async Task Hosts_that_get_the_same_message_at_the_same_time_handle_it_once()
    {
        var database = await NewDatabase();
        await using var first = await ShopHost.Start(database);
        await using var second = await ShopHost.Start(database);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            var id = NewId.NextGuid();
            await Task.WhenAll(new[] { first, second }.Select(shop => shop.Bus.Publish(new PlaceOrder(number), publish => publish.MessageId = id, Cancellation)));
        }));

        await Eventually.True(
            () => Task.FromResult(first.Received.Numbers.Count + second.Received.Numbers.Count >= 20), TimeSpan.FromSeconds(60), "20 placed orders", Cancellation);
        await first.UntilEmpty();
        Assert.Equal(Enumerable.Range(0, 20), first.Received.Numbers.Concat(second.Received.Numbers).Order());
        Assert.Equal(20, await first.Query(context => context.Orders.CountAsync(Cancellation)));
    }

    [Fact]
    public async Task An_attempt_that_fails_leaves_nothing_and_the_next_begins_anew()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.Bus.Publish(new PlaceOrder(1, Fails: true), Cancellation);

        await shop.Received.Until(1);
        await shop.UntilEmpty();
        Assert.Equal([1], shop.Received.Numbers);
        Assert.Equal(2, shop.Received.Attempts[1]);
        Assert.Equal(1, await shop.Orders(1));
    }

    [Fact]
    public async Task A_handled_message_is_forgotten_after_its_time()
    {
        await using var shop = await ShopHost.Start((await NewDatabase())
            .Append(new("Bus:Database:Inbox:Window", "1s"))
            .Append(new("Bus:Database:Inbox:CleanupInterval", "50ms"))
            .Append(new("Bus:Database:Inbox:CleanupBatch", "3")));

        for (var number = 0; number < 10; number++)
            await shop.Bus.Publish(new PlaceOrder(number), Cancellation);

        await shop.Received.Until(10);
        Assert.NotEqual(0, await shop.Count("inbox_state"));
        await Eventually.True(async () => await shop.Count("inbox_state") == 0, TimeSpan.FromSeconds(60), "an empty inbox", Cancellation);
    }
}

public sealed class SqliteInboxTests : InboxSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresInboxTests(PostgresFixture postgres) : InboxSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
