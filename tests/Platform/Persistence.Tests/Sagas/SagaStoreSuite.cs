using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>
/// What holds for sagas in every database, with every way to protect an instance, with the inbox's transaction and with one of the
/// repository's own.
/// </summary>
public abstract class SagaStoreSuite(ConcurrencyMode mode, bool hasInbox) : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly ConcurrentQueue<object> _faults = [];
    readonly ConcurrentQueue<NothingToEnd> _missing = [];
    readonly ConcurrentQueue<Guid> _seen = [];
    IHost _host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    IBus Bus => _host.Services.GetRequiredService<IBus>();

    [Fact]
    public async Task A_message_begins_an_instance()
    {
        var id = await Begin("red");

        var saga = await Load(id);

        Assert.Equal("Counting", saga!.CurrentState);
        Assert.Equal("red", saga.Group);
    }

    [Fact]
    public async Task An_instance_that_nobody_began_is_not_there() => Assert.Null(await Load(NewId.NextGuid()));

    [Fact]
    public async Task Two_hundred_messages_to_one_instance_at_once_are_all_applied()
    {
        var id = await Begin("busy");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Bus.Publish(new Count(id), Cancellation)));

        await Reaches(id, 200);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task What_an_attempt_wrote_beside_the_saga_is_undone_where_another_message_was_faster()
    {
        var id = await Begin("noted");

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Bus.Publish(new CountAndNote(id), Cancellation)));

        await Reaches(id, 100);
        Assert.Empty(_faults);
        await using var scope = _host.Services.CreateAsyncScope();
        Assert.Equal(100, await scope.ServiceProvider.GetRequiredService<CounterDbContext>().Notes.CountAsync(Cancellation));
    }

    /// <summary>Contexts are used again: what one message's transaction was told must not reach another's.</summary>
    [Fact]
    public async Task After_a_message_that_changed_nothing_the_next_transaction_is_undone_where_it_is_not_committed()
    {
        var id = await Begin("seen");
        await Bus.Publish(new LookAtCount(id), Cancellation);
        await Eventually.True(() => Task.FromResult(_seen.Contains(id)), Limit, "the count to be seen", Cancellation);

        for (var i = 0; i < 50; i++)
        {
            await using var scope = _host.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<CounterDbContext>();
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.Add(new CounterNote { Id = NewId.NextGuid() });
            await context.SaveChangesAsync(Cancellation);
        }

        await using var last = _host.Services.CreateAsyncScope();
        Assert.Equal(0, await last.ServiceProvider.GetRequiredService<CounterDbContext>().Notes.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Messages_that_begin_the_same_instance_at_once_begin_it_once_and_are_all_applied()
    {
        var id = NewId.NextGuid();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Bus.Publish(new BeginCounting(id, "race"), Cancellation)));

        await Reaches(id, 49);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_message_reaches_every_instance_that_its_query_finds()
    {
        Guid[] found = [await Begin("blue"), await Begin("blue"), await Begin("blue")];
        var other = await Begin("green");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Bus.Publish(new CountGroup("blue"), Cancellation)));

        foreach (var id in found)
            await Reaches(id, 10);
        Assert.Equal(0, (await Load(other))!.Number);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_query_finds_the_ids()
    {
        Guid[] begun = [await Begin("wanted"), await Begin("wanted")];
        await Begin("unwanted");

        var found = await _host.Services.GetRequiredService<IQuerySagaRepository<CounterSaga>>()
            .Find(new MassTransit.Saga.SagaQuery<CounterSaga>(saga => saga.Group == "wanted"));

        Assert.Equal(begun.Order(), found.Order());
    }

    [Fact]
    public async Task A_message_for_a_missing_instance_is_told_so()
    {
        var id = NewId.NextGuid();

        await Bus.Publish(new EndCounting(id), Cancellation);

        await Eventually.True(() => Task.FromResult(_missing.Any(missing => missing.CorrelationId == id)), Limit,
            "the missing instance to be told of", Cancellation);
    }

    [Fact]
    public async Task A_finalised_instance_is_removed()
    {
        var id = await Begin("short");

        await Bus.Publish(new EndCounting(id), Cancellation);

        await Eventually.True(async () => await Load(id) is null, Limit, "the instance to go", Cancellation);
    }

    [Fact]
    public async Task A_message_that_fails_changes_nothing()
    {
        var id = await Begin("unlucky");

        await Bus.Publish(new FailToCount(id), Cancellation);

        await Eventually.True(() => Task.FromResult(!_faults.IsEmpty), Limit, "the fault", Cancellation);
        Assert.Equal(0, (await Load(id))!.Number);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = ValidatedHost.CreateEmptyApplicationBuilder();
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(await Database(Cancellation)).AddInMemoryCollection([new("Bus:Transport", "memory"),
            new("Bus:Database:Migrate", "true"), new($"Bus:Queues:{CounterSagaDefinition.Queue}:Attempts", "1")]);
        builder.Services.AddBus(builder.Configuration, [new CounterDomain(mode, hasInbox)], []);
        _host = builder.Build();
        await _host.StartAsync(Cancellation);

        await Bus.ConnectReceiveEndpoint(endpoint =>
        {
            endpoint.Handler<Fault<Count>>(context => Keep(context));
            endpoint.Handler<Fault<BeginCounting>>(context => Keep(context));
            endpoint.Handler<Fault<CountAndNote>>(context => Keep(context));
            endpoint.Handler<Fault<CountGroup>>(context => Keep(context));
            endpoint.Handler<Fault<FailToCount>>(context => Keep(context));
            endpoint.Handler<CountSeen>(context =>
            {
                _seen.Enqueue(context.Message.CorrelationId);
                return Task.CompletedTask;
            });
            endpoint.Handler<NothingToEnd>(context =>
            {
                _missing.Enqueue(context.Message);
                return Task.CompletedTask;
            });
        }).Ready;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a new database.</summary>
    protected abstract Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken);

    Task Keep<T>(ConsumeContext<T> context)
        where T : class
    {
        _faults.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    async Task<Guid> Begin(string group)
    {
        var id = NewId.NextGuid();
        await Bus.Publish(new BeginCounting(id, group), Cancellation);
        await Eventually.Some(() => Load(id), Limit, "the instance", Cancellation);
        return id;
    }

    Task Reaches(Guid id, int number) =>
        Eventually.True(async () => await Load(id) is { } saga && saga.Number == number, Limit, $"{number} to be counted", Cancellation);

    Task<CounterSaga?> Load(Guid id) => _host.Services.GetRequiredService<ILoadSagaRepository<CounterSaga>>().Load(id)!;
}
