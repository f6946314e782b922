using MassTransit.Transports;

namespace Maestro.Bus.Persistence.Tests;

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

    /// <summary>As in MassTransit: the copy is known by the id of the message that has been handled.</summary>
    [Fact]
    public async Task A_message_that_its_consumer_has_delivered_again_counts_as_handled()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var deliveries = new DeliveryCount(new ShopDomain().Queue);
        using var handle = shop.Bus.ConnectReceiveObserver(deliveries);

        await shop.Bus.Publish(new PlaceOrder(1, Plan: OrderPlan.Redeliver), Cancellation);

        await Eventually.True(
            () => Task.FromResult(deliveries.Count >= 2), TimeSpan.FromSeconds(60), "a second delivery", Cancellation);
        await shop.Received.Until(1);
        await shop.UntilEmpty();
        Assert.Equal([1], shop.Received.Numbers);
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
            await Task.WhenAll(new[] { first, second }.Select(shop =>
                shop.Bus.Publish(new PlaceOrder(number), publish => publish.MessageId = id, Cancellation)));
        }));

        await Eventually.True(
            () => Task.FromResult(first.Received.Numbers.Count + second.Received.Numbers.Count >= 20), TimeSpan.FromSeconds(60),
            "20 placed orders", Cancellation);
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
    public async Task A_consumer_that_waits_before_it_writes_holds_up_no_other()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        await shop.Bus.Publish(new PlaceOrder(1, Plan: OrderPlan.WaitAndWrite), Cancellation);
        await shop.Received.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        await shop.Bus.Publish(new PlaceOrder(2), Cancellation);
        await shop.Received.Until(1);
        Assert.Equal([2], shop.Received.Numbers);
        Assert.Equal((0, 1), (await shop.Orders(1), await shop.Orders(2)));

        shop.Received.Release.SetResult();
        await shop.Received.Until(2);
        Assert.Equal((1, 1), (await shop.Orders(1), await shop.Orders(2)));
    }

    [Fact]
    public async Task Two_deliveries_at_once_of_a_consumer_that_waits_have_one_effect()
    {
        var database = await NewDatabase();
        await using var first = await ShopHost.Start(database);
        await using var second = await ShopHost.Start(database);
        var id = NewId.NextGuid();

        foreach (var shop in new[] { first, second })
            await shop.Bus.Publish(new PlaceOrder(1, Plan: OrderPlan.WaitAndWrite), publish => publish.MessageId = id, Cancellation);
        // On PostgreSQL the second delivery waits for the first before its consumer is run.
        await Task.WhenAny(first.Received.Waiting.Task, second.Received.Waiting.Task).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        foreach (var shop in new[] { first, second })
            shop.Received.Release.SetResult();

        await Eventually.True(
            () => Task.FromResult(first.Received.Numbers.Count + second.Received.Numbers.Count > 0), TimeSpan.FromSeconds(60),
            "a placed order", Cancellation);
        await first.Bus.Publish(new PlaceOrder(2), Cancellation);
        await second.Bus.Publish(new PlaceOrder(3), Cancellation);
        await Eventually.True(
            () => Task.FromResult(first.Received.Numbers.Count + second.Received.Numbers.Count > 2), TimeSpan.FromSeconds(60), "the rest",
            Cancellation);
        await first.UntilEmpty();
        Assert.Equal(1, await first.Orders(1));
        Assert.Equal([1, 2, 3], first.Received.Numbers.Concat(second.Received.Numbers).Order());
    }

    [Theory]
    [InlineData(OrderPlan.Execute)]
    [InlineData(OrderPlan.Command)]
    [InlineData(OrderPlan.Query)]
    public async Task A_statement_of_the_consumer_is_rolled_back_with_its_attempt(OrderPlan plan)
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.Bus.Publish(new PlaceOrder(1, Fails: true, plan), Cancellation);

        await shop.Received.Until(1);
        Assert.Equal((2, 1), (shop.Received.Attempts[1], await shop.Orders(1)));
    }

    [Fact]
    public async Task A_consumer_that_begins_a_transaction_of_its_own_is_refused()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var faulted = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handle = shop.Bus.ConnectConsumeObserver(new FaultObserver(faulted));

        await shop.Bus.Publish(new PlaceOrder(1, Plan: OrderPlan.BeginTransaction), Cancellation);

        Assert.Equal(nameof(InvalidOperationException), await faulted.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        Assert.Equal(0, await shop.Orders(1));
    }

    [Fact]
    public async Task A_handled_message_is_forgotten_after_its_time()
    {
        var database = await NewDatabase();
        await HandleTen();

        await using var shop = await ShopHost.Start(database
            .Append(new("Bus:Database:Inbox:Window", "1s"))
            .Append(new("Bus:Database:Inbox:CleanupInterval", "50ms"))
            .Append(new("Bus:Database:Inbox:CleanupBatch", "3")));
        await Eventually.True(async () => await shop.Count("inbox_state") == 0, TimeSpan.FromSeconds(60), "an empty inbox", Cancellation);

        // MassTransit's log context stays with the flow that has published.
        async Task HandleTen()
        {
            await using var before = await ShopHost.Start(database);
            for (var number = 0; number < 10; number++)
                await before.Bus.Publish(new PlaceOrder(number), Cancellation);

            await before.Received.Until(10);
            Assert.NotEqual(0, await before.Count("inbox_state"));
        }
    }
}

/// <summary>Counts the deliveries of a queue that have ended.</summary>
sealed class DeliveryCount(string queue) : ReceivingObserver
{
    int _count;

    public int Count => Volatile.Read(ref _count);

    public override Task PostReceive(ReceiveContext context)
    {
        if (context.InputAddress.GetEndpointName() == queue)
            Interlocked.Increment(ref _count);
        return Task.CompletedTask;
    }
}

sealed class FaultObserver(TaskCompletionSource<string> faulted) : IConsumeObserver
{
    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        faulted.TrySetResult(exception.GetType().Name);
        return Task.CompletedTask;
    }
}

public sealed class SqliteInboxTests : InboxSuite
{
    [Fact]
    public async Task A_transaction_that_SQLite_has_ended_by_itself_does_not_keep_others_from_writing()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());

        await shop.InScope(async (context, _, _) =>
        {
            var transaction = await context.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            context.Add(new Order { Number = 1 });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
            // What a full disk makes SQLite do.
            await context.Database.ExecuteSqlRawAsync("ROLLBACK", TestContext.Current.CancellationToken);
            await Record.ExceptionAsync(() => transaction.DisposeAsync().AsTask());
        });
        await shop.Bus.Publish(new PlaceOrder(2), TestContext.Current.CancellationToken);

        await shop.Received.Until(1);
        Assert.Equal((0, 1), (await shop.Orders(1), await shop.Orders(2)));
    }

    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresInboxTests(PostgresFixture postgres) : InboxSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
