using System.Transactions;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What the outbox does on every database. A database's fixture is its settings.</summary>
public abstract class OutboxSuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task A_message_is_sent_with_SaveChanges_and_not_before()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.InScope(async (context, endpoint, _) =>
        {
            context.Add(new Order { Number = 1 });
            await endpoint.Publish(new OrderPlaced(1), Cancellation);
            await Marker(shop, 99);
            Assert.Equal([99], shop.Received.Numbers);
            await context.SaveChangesAsync(Cancellation);
        });

        await shop.Received.Until(2);
        Assert.Equal([99, 1], shop.Received.Numbers);
        Assert.Equal(1, await shop.Orders(1));
        await shop.UntilEmpty();
    }

    [Fact]
    public async Task The_outermost_transaction_decides()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.InScope(async (context, endpoint, _) =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.Add(new Order { Number = 1 });
            await endpoint.Publish(new OrderPlaced(1), Cancellation);
            await context.SaveChangesAsync(Cancellation);
            await Marker(shop, 99);
            Assert.Equal([99], shop.Received.Numbers);
            await endpoint.Publish(new OrderPlaced(2), Cancellation);
            await transaction.CommitAsync(Cancellation);
        });

        await shop.Received.Until(3);
        Assert.Equal(99, shop.Received.Numbers.First());
        Assert.Equal([1, 2, 99], shop.Received.Numbers.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_a_transaction_that_was_not_committed_is_sent(bool isRolledBack)
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.InScope(async (context, endpoint, _) =>
        {
            await using (var transaction = await context.Database.BeginTransactionAsync(Cancellation))
            {
                context.Add(new Order { Number = 1 });
                await endpoint.Publish(new OrderPlaced(1), Cancellation);
                await context.SaveChangesAsync(Cancellation);
                if (isRolledBack)
                    await transaction.RollbackAsync(Cancellation);
            }

            context.ChangeTracker.Clear();
            await endpoint.Publish(new OrderPlaced(2), Cancellation);
            await context.SaveChangesAsync(Cancellation);
        });

        await shop.Received.Until(1);
        await shop.UntilEmpty();
        Assert.Equal([2], shop.Received.Numbers);
        Assert.Equal(0, await shop.Orders(1));
    }

    [Fact]
    public async Task What_cannot_be_saved_is_not_sent()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.InScope(async (context, endpoint, _) =>
        {
            context.Add(new Order { Id = 7, Number = 1 });
            await context.SaveChangesAsync(Cancellation);
        });
        await Assert.ThrowsAsync<DbUpdateException>(() => shop.InScope(async (context, endpoint, _) =>
        {
            context.Add(new Order { Id = 7, Number = 2 });
            await endpoint.Publish(new OrderPlaced(2), Cancellation);
            await context.SaveChangesAsync(Cancellation);
        }));

        await Marker(shop, 99);
        Assert.Equal([99], shop.Received.Numbers);
        Assert.Equal(0, await shop.Count("outbox_message"));
    }

    [Fact]
    public async Task What_was_committed_before_a_host_sent_it_is_sent_by_the_next()
    {
        var database = await NewDatabase();
        await using (var crashed = await ShopHost.Start(database.Append(new("Bus:Database:Outbox:Deliver", "false"))))
        {
            await Publish(crashed, Enumerable.Range(1, 20).Select(number => new OrderPlaced(number)));
            Assert.Equal(20, await crashed.Count("outbox_message"));
        }

        await using var shop = await ShopHost.Start(database);
        await shop.Received.Until(20);
        await shop.UntilEmpty();
        Assert.Equal(Enumerable.Range(1, 20), shop.Received.Numbers.Order());
    }

    [Fact]
    public async Task Messages_of_one_key_keep_their_order_across_transactions()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        string[] keys = ["a", "b", "c", "d", "e"];

        await Task.WhenAll(keys.Select(async key =>
        {
            for (var number = 0; number < 60; number += 3)
                await Publish(shop, Enumerable.Range(number, 3).Select(n => new OrderPlaced(n, key)));
        }));

        await shop.Received.Until(keys.Length * 60);
        foreach (var key in keys)
            Assert.Equal(Enumerable.Range(0, 60),
                shop.Received.Messages.Where(message => message.Message.Key == key).Select(message => message.Message.Number));
    }

    [Fact]
    public async Task A_message_arrives_as_it_was_published()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var (message, conversation, correlation, moment) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid(),
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        await shop.InScope(async (context, endpoint, _) =>
        {
            await endpoint.Publish(
                new OrderPlaced(1),
                publish =>
                {
                    publish.MessageId = message;
                    publish.ConversationId = conversation;
                    publish.CorrelationId = correlation;
                    publish.Headers.Set("text", "tëxt");
                    publish.Headers.Set("number", 42L);
                    publish.Headers.Set("moment", moment);
                    publish.SetTenantId("acme");
                },
                Cancellation);
            await context.SaveChangesAsync(Cancellation);
        });

        await shop.Received.Until(1);
        var received = Assert.Single(shop.Received.Messages);
        Assert.Equal(message, received.MessageId);
        Assert.Equal(conversation, received.ConversationId);
        Assert.Equal(correlation, received.CorrelationId);
        Assert.Equal("tëxt", received.Headers.Get<string>("text"));
        Assert.Equal(42, received.Headers.Get<long>("number"));
        Assert.Equal(moment, received.Headers.Get<DateTime>("moment"));
        Assert.Equal("acme", received.TenantId());
    }

    [Fact]
    public async Task A_scope_that_is_no_domain_s_publishes_directly_and_IOutbox_with_the_commit()
    {
        await using var shop = await ShopHost.Start(await NewDatabase(), usesBusOutbox: false);

        await shop.InScope(async (context, endpoint, services) =>
        {
            await services.GetRequiredService<IOutbox<ShopContext>>().Publish(new OrderPlaced(1), Cancellation);
            await endpoint.Publish(new OrderPlaced(2), Cancellation);
            await shop.Received.Until(1);
            Assert.Equal([2], shop.Received.Numbers);
            await context.SaveChangesAsync(Cancellation);
        });

        await shop.Received.Until(2);
        Assert.Equal([2, 1], shop.Received.Numbers);
    }

    static async Task Marker(ShopHost shop, int number)
    {
        var before = shop.Received.Numbers.Count;
        await shop.Bus.Publish(new OrderPlaced(number), Cancellation);
        await shop.Received.Until(before + 1);
    }

    internal static Task Publish(ShopHost shop, IEnumerable<OrderPlaced> messages) => shop.InScope(async (context, endpoint, _) =>
    {
        foreach (var message in messages)
            await endpoint.Publish(message, publish => publish.SetOrderingKey(message.Key + "-"), Cancellation);

        await context.SaveChangesAsync(Cancellation);
    });
}

public sealed class SqliteOutboxTests : OutboxSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresOutboxTests(PostgresFixture postgres) : OutboxSuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>SQLite has no ambient transactions: Entity Framework says so by itself.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ambient_transaction_decides(bool isCompleted)
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        using (var ambient = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await shop.InScope(async (context, endpoint, _) =>
            {
                context.Add(new Order { Number = 1 });
                await endpoint.Publish(new OrderPlaced(1), Cancellation);
                await context.SaveChangesAsync(Cancellation);
            });
            if (isCompleted)
                ambient.Complete();
        }

        await Publish(shop, [new OrderPlaced(2)]);
        await shop.Received.Until(isCompleted ? 2 : 1);
        await shop.UntilEmpty();
        Assert.Equal(isCompleted ? [1, 2] : [2], shop.Received.Numbers.Order());
        Assert.Equal(isCompleted ? 1 : 0, await shop.Orders(1));
    }

    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
