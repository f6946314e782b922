using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What is left of a message whose time to be worked on is over: nothing.</summary>
public abstract class TimeoutSuite
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task Of_an_attempt_that_takes_too_long_nothing_is_sent_and_nothing_kept_and_the_next_one_works()
    {
        await using var shop = await Start(attempts: 1);
        await shop.Bus.Publish(new PlaceSlowOrder(1), Cancellation);

        var letter = await Letter(shop.Services);
        Assert.Equal(typeof(ProcessingTimeoutException).FullName, letter.ExceptionType);
        Assert.Equal((0, 0L, 0L), (await shop.Orders(1), await shop.Count("outbox_message"), await shop.Count("inbox_state")));
        Assert.Empty(shop.Received.Numbers);

        await RetryUntil(() => shop.Received.Numbers.Contains(1), shop.Services);
        await shop.UntilEmpty();
        Assert.Equal(2, await shop.Orders(1));
        Assert.Equal([1], shop.Received.Numbers);
    }

    [Fact]
    public async Task A_retry_after_an_attempt_that_took_too_long_has_the_effects_once()
    {
        // More than two, as a slow machine's attempt may come to its end before it has done anything.
        await using var shop = await Start(attempts: 20);
        await shop.Bus.Publish(new PlaceSlowOrder(2), Cancellation);

        await shop.Received.Until(1);
        await shop.UntilEmpty();

        Assert.True(shop.Received.Attempts[2] >= 2);
        Assert.Equal(2, await shop.Orders(2));
        Assert.Equal([2], shop.Received.Numbers);
        Assert.Equal(0, await shop.Services.GetRequiredService<IDeadLetterStore>().Count(new DeadLetterFilter(), Cancellation));
    }

    [Theory]
    [InlineData(ConcurrencyMode.Optimistic)]
    [InlineData(ConcurrencyMode.Pessimistic)]
    public async Task A_saga_whose_event_takes_too_long_is_as_before(ConcurrencyMode mode)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = await StartCounter(mode);
        var (bus, sagas) = (host.Services.GetRequiredService<IBus>(), host.Services.GetRequiredService<ILoadSagaRepository<CounterSaga>>());
        var listener = bus.ConnectReceiveEndpoint(endpoint => endpoint.Handler<NothingToEnd>(_ =>
        {
            told.TrySetResult();
            return Task.CompletedTask;
        }));
        await listener.Ready;
        var id = NewId.NextGuid();
        await bus.Publish(new BeginCounting(id, "slow"), Cancellation);
        await Eventually.Some(() => sagas.Load(id)!, Limit, "the instance", Cancellation);

        await bus.Publish(new CountSlowly(id), Cancellation);

        var letter = await Letter(host.Services);
        Assert.Equal(typeof(ProcessingTimeoutException).FullName, letter.ExceptionType);
        Assert.Equal(0, (await sagas.Load(id))!.Number);
        Assert.False(told.Task.IsCompleted);

        await RetryUntil(() => told.Task.IsCompleted, host.Services);
        Assert.Equal(1, (await sagas.Load(id))!.Number);
        await host.StopAsync(Cancellation);
    }

    static Task<StoredDeadLetter> Letter(IServiceProvider services) => Eventually.Some(
        async () => (await services.GetRequiredService<IDeadLetterStore>().List(new DeadLetterFilter(), null, 1, Cancellation))
            .FirstOrDefault(), Limit, "the dead letter", Cancellation);

    // On a slow machine a retry may take too long as well.
    static Task RetryUntil(Func<bool> isDone, IServiceProvider services) => Eventually.True(
        async () =>
        {
            foreach (var letter in await services.GetRequiredService<IDeadLetterStore>().List(
                new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 1, Cancellation))
                await services.GetRequiredService<IDeadLetterOperations>().Apply(
                    letter.Id, new DeadLetterAction(DeadLetterActionKind.Retry, "test"), Cancellation);
            return isDone();
        },
        Limit, "a retry that does it", Cancellation);

    async Task<ShopHost> Start(int attempts) => await ShopHost.Start((await NewDatabase())
        .Append(new("Bus:Queues:shop:ProcessingTimeout", "1s"))
        .Append(new("Bus:Queues:shop:Attempts", $"{attempts}")));

    async Task<IHost> StartCounter(ConcurrencyMode mode)
    {
        var builder = ValidatedHost.CreateEmptyApplicationBuilder();
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(await NewDatabase()).AddInMemoryCollection(
            [new("Bus:Transport", "memory"), new("Bus:Database:Migrate", "true"), new("Bus:Queues:counter:ProcessingTimeout", "5s")]);
        builder.Services.AddBus(builder.Configuration, [new CounterDomain(mode, hasInbox: true)], []);
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }
}

public sealed class SqliteTimeoutTests : TimeoutSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresTimeoutTests(PostgresFixture postgres) : TimeoutSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
