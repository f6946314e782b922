using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>
/// What holds for sagas that no repository was named for, in every database, with the inbox's transaction and with one of their own.
/// </summary>
public abstract class StoredSagaSuite(bool hasInbox) : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly OrderLog _log = new();
    IReadOnlyDictionary<string, string?> _database = null!;
    IHost _host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    IBus Bus => _host.Services.GetRequiredService<IBus>();

    [Fact]
    public async Task An_instance_outlives_its_host_with_all_that_it_holds()
    {
        var id = await Place("A-1", 7);
        await _host.StopAsync(Cancellation);
        _host.Dispose();
        await Start();

        var saga = (await Load(id))!;

        Assert.Equal("Open", saga.CurrentState);
        Assert.Equal("A-1", saga.Key.Number);
        Assert.Equal(7, saga.Customer);
        Assert.Equal(1.10m, saga.Total);
        Assert.Equal(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), saga.Due);
        Assert.Equal("a\uFFFDb", saga.Notes["note"]);
    }

    [Fact]
    public async Task Two_hundred_messages_to_one_instance_at_once_are_all_applied()
    {
        var id = await Place("busy");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Bus.Publish(new AddItem(id, $"{i}"), Cancellation)));

        await Until(async () => (await Load(id))!.Items.Count >= 200, "200 items");
        Assert.Equal(Enumerable.Range(0, 200), (await Load(id))!.Items.Select(int.Parse).Order());
        Assert.Empty(_log.Faults);
    }

    [Fact]
    public async Task Of_messages_that_begin_one_instance_at_once_one_begins_it_and_the_others_find_it()
    {
        var id = NewId.NextGuid();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Bus.Publish(new OpenOrder(id, $"{i}"), Cancellation)));

        await Until(() => Task.FromResult(_log.Faults.Count >= 19), "the 19 others");
        await Until(() => Task.FromResult(_log.Changes.Any(change => change.CorrelationId == id)), "the one that has begun");
        Assert.All(_log.Faults, fault =>
            Assert.Contains("NotAcceptedStateMachineException", fault.ExceptionType, StringComparison.Ordinal));
        Assert.Single(_log.Changes, change => change.CorrelationId == id);
    }

    [Fact]
    public async Task A_message_finds_its_instance_by_a_property()
    {
        var paid = await Place("P-\"1\"");
        var other = await Place("P-2");

        await Bus.Publish(new PayOrder("P-\"1\""), Cancellation);

        await Until(async () => (await Load(paid))!.Items is ["paid"], "the payment");
        Assert.Empty((await Load(other))!.Items);
    }

    [Fact]
    public async Task A_message_finds_its_instances_by_an_expression()
    {
        Guid[] found = [await Place("E-1", 3), await Place("E-2", 3)];
        Guid[] others = [await Place("E-1", 4), await Place("E-3", 3)];

        await Bus.Publish(new RateCustomer(3, ["E-1", "E-2"]), Cancellation);

        foreach (var id in found)
            await Until(async () => (await Load(id))!.Grade == Grade.High, "the grade");
        foreach (var id in others)
            Assert.Null((await Load(id))!.Grade);
    }

    [Fact]
    public async Task A_query_that_cannot_be_translated_says_what_to_do()
    {
        await Place("length");

        await Bus.Publish(new FindByLength(6), Cancellation);

        await Until(() => Task.FromResult(!_log.Faults.IsEmpty), "the fault");
        var message = _log.Faults.Single().Message;
        Assert.Contains("saga.Key.Number.Length", message, StringComparison.Ordinal);
        Assert.Contains("EntityFrameworkRepository", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_finds_the_ids()
    {
        Guid[] placed = [await Place("Q-1", 12), await Place("Q-2", 12)];
        await Place("Q-3", 11);

        Assert.Equal(placed.Order(), (await Find(saga => saga.Customer == 12)).Order());
        Assert.Equal(placed.Order(), (await Find(saga => saga.Customer > 11)).Order());
        Assert.Equal([placed[0]], await Find(saga => saga.CorrelationId == placed[0]));
        Assert.Equal([placed[1]], await Find(saga => saga.Key.Number.Equals("Q-2") && !saga.Grade.HasValue && saga.Total > 1));
        Assert.Equal(3, (await Find(saga => saga.ReminderToken == null)).Count());
    }

    [Fact]
    public async Task A_request_is_answered()
    {
        var id = await Place("R-1");

        await Bus.Publish(new AskForStock(id, true), Cancellation);

        await Changed(id, "stock");
        await Until(async () => (await Load(id))!.CurrentState == "Open", "the state");
        Assert.Equal(["left 5"], (await Load(id))!.Items);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_times_out()
    {
        var id = await Place("R-2");

        await Bus.Publish(new AskForStock(id, false), Cancellation);

        await Changed(id, "late");
        await Until(async () => (await Load(id))!.CurrentState == "Open", "the state");
    }

    [Fact]
    public async Task A_scheduled_message_comes()
    {
        var id = await Place("S-1");

        await Bus.Publish(new RemindOfOrder(id), Cancellation);

        await Changed(id, "reminded");
        await Until(async () => (await Load(id))!.ReminderToken is null, "the token to go");
    }

    [Fact]
    public async Task A_message_that_fails_changes_nothing()
    {
        var id = await Place("F-1");

        await Bus.Publish(new SpoilOrder(id), Cancellation);

        await Until(() => Task.FromResult(!_log.Faults.IsEmpty), "the fault");
        Assert.Empty((await Load(id))!.Items);
        if (hasInbox)
            Assert.DoesNotContain(_log.Changes, change => change.What == "spoilt");
    }

    [Fact]
    public async Task A_finalised_instance_is_removed_and_missing_from_then_on()
    {
        var id = await Place("C-1");

        await Bus.Publish(new CloseOrder(id), Cancellation);
        await Until(async () => await Load(id) is null, "the instance to go");
        await Bus.Publish(new CloseOrder(id), Cancellation);

        await Until(() => Task.FromResult(_log.Missing.Any(missing => missing.CorrelationId == id)), "the missing instance to be told of");
    }

    [Fact]
    public async Task A_saga_of_interfaces_is_initiated_once_orchestrated_and_observes()
    {
        var (first, second) = (NewId.NextGuid(), NewId.NextGuid());
        await Bus.Publish(new StartTally(first, "red"), Cancellation);
        await Bus.Publish(new StartTally(second, "blue"), Cancellation);
        await Until(async () => await Tally(first) is not null && await Tally(second) is not null, "the tallies");

        await Bus.Publish(new RaiseTally(first), Cancellation);
        await Bus.Publish(new RaiseAllTallies("red"), Cancellation);
        await Bus.Publish(new StartTally(first, "green"), Cancellation);

        await Until(async () => (await Tally(first))!.Number == 11, "the tally");
        await Until(() => Task.FromResult(!_log.Faults.IsEmpty), "the fault");
        Assert.Contains("cannot be accepted by an existing saga", _log.Faults.Single().Message, StringComparison.Ordinal);
        Assert.Equal("red", (await Tally(first))!.Group);
        Assert.Equal(0, (await Tally(second))!.Number);
    }

    public async ValueTask InitializeAsync()
    {
        _database = await Database(Cancellation);
        await Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a new database.</summary>
    protected abstract Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken);

    async Task Start()
    {
        var builder = ValidatedHost.CreateEmptyApplicationBuilder();
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(_database).AddInMemoryCollection(
        [
            new("Bus:Transport", "memory"), new("Bus:Database:Migrate", "true"),
            new($"Bus:Queues:{OrderSagaDefinition.Queue}:Attempts", "1"), new($"Bus:Queues:{TallySagaDefinition.Queue}:Attempts", "1"),
        ]);
        builder.Services.AddBus(builder.Configuration, [new OrderDomain(hasInbox)], []);
        _host = builder.Build();
        await _host.StartAsync(Cancellation);

        await Bus.ConnectReceiveEndpoint(OrderStateMachine.StockQueue, endpoint =>
        {
            endpoint.Handler<CheckStock>(context => context.RespondAsync(new StockChecked(5)));
            endpoint.Handler<CheckLate>(_ => Task.CompletedTask);
        }).Ready;
        await Bus.ConnectReceiveEndpoint(endpoint =>
        {
            Keep<OpenOrder>(endpoint);
            Keep<AddItem>(endpoint);
            Keep<FindByLength>(endpoint);
            Keep<SpoilOrder>(endpoint);
            Keep<StartTally>(endpoint);
            endpoint.Handler<OrderChanged>(context => Task.Run(() => _log.Changes.Enqueue(context.Message)));
            endpoint.Handler<OrderMissing>(context => Task.Run(() => _log.Missing.Enqueue(context.Message)));
        }).Ready;
    }

    void Keep<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<Fault<T>>(context => Task.Run(() => _log.Faults.Enqueue(context.Message.Exceptions.Last())));

    async Task<Guid> Place(string number, int customer = 0)
    {
        var id = NewId.NextGuid();
        await Bus.Publish(new OpenOrder(id, number, customer), Cancellation);
        await Until(async () => await Load(id) is not null, "the instance");
        return id;
    }

    Task Changed(Guid id, string what) => Until(() => Task.FromResult(_log.Changes.Contains(new OrderChanged(id, what))), what);

    static Task Until(Func<Task<bool>> condition, string what) => Eventually.True(condition, Limit, what, Cancellation);

    Task<OrderSaga?> Load(Guid id) => _host.Services.GetRequiredService<ILoadSagaRepository<OrderSaga>>().Load(id)!;

    Task<TallySaga?> Tally(Guid id) => _host.Services.GetRequiredService<ILoadSagaRepository<TallySaga>>().Load(id)!;

    Task<IEnumerable<Guid>> Find(System.Linq.Expressions.Expression<Func<OrderSaga, bool>> filter) =>
        _host.Services.GetRequiredService<IQuerySagaRepository<OrderSaga>>().Find(new MassTransit.Saga.SagaQuery<OrderSaga>(filter));
}
