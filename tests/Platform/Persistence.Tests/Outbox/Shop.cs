using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Maestro.Bus.Persistence.Tests;

public sealed record PlaceOrder(int Number, bool Fails = false, OrderPlan Plan = OrderPlan.Write);

/// <summary>What the consumer of an order does besides.</summary>
public enum OrderPlan
{
    Write,

    /// <summary>It waits for the test before it writes.</summary>
    WaitAndWrite,

    /// <summary>It writes with a statement instead of through the change tracker, and fails after it the first time.</summary>
    Execute,

    /// <summary>It writes with a command of the context's connection, and fails after it the first time.</summary>
    Command,

    /// <summary>It writes with a query that begins like one that only reads, and fails after it the first time.</summary>
    Query,

    /// <summary>It begins a transaction of its own.</summary>
    BeginTransaction,

    /// <summary>It has the message delivered again.</summary>
    Redeliver,
}

public sealed record OrderPlaced(int Number, string Key = "");

/// <summary>A domain with a database: it keeps orders, and says when it has one.</summary>
public sealed class ShopDomain : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = 4, Attempts = 3, FirstRetryDelay = TimeSpan.FromMilliseconds(20) };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<ShopContext>();
        bus.Services.AddSingleton<Received>().AddSingleton<Notes>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/shop/{number:int}", async (int number, ShopContext context, IPublishEndpoint endpoint) =>
        {
            await endpoint.Publish(new OrderPlaced(number));
            context.Add(new Order { Number = number });
            await context.SaveChangesAsync();
        });
        routes.MapPost("/shop/{number:int}/unsaved",
            (int number, ShopContext _, IPublishEndpoint endpoint) => endpoint.Publish(new OrderPlaced(number)));
    }
}

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

public sealed class Order
{
    public int Id { get; init; }

    public int Number { get; init; }

    public string? Note { get; init; }
}

public sealed class PlaceOrderConsumer(ShopContext context, Received received) : IConsumer<PlaceOrder>
{
    public async Task Consume(ConsumeContext<PlaceOrder> message)
    {
        await Write(message.Message, message.CancellationToken);
        await message.Publish(new OrderPlaced(message.Message.Number), message.CancellationToken);
        if (message.Message.Plan == OrderPlan.Redeliver)
            await message.Redeliver(TimeSpan.FromMilliseconds(20));

        if (message.Message.Fails && received.Attempts.AddOrUpdate(message.Message.Number, 1, (_, attempts) => attempts + 1) == 1)
            throw new InvalidOperationException("The first attempt fails.");
    }

    async Task Write(PlaceOrder order, CancellationToken cancellationToken)
    {
        switch (order.Plan)
        {
            case OrderPlan.Execute:
                await context.Database.ExecuteSqlAsync($"""INSERT INTO "Orders" ("Number") VALUES ({order.Number})""", cancellationToken);
                return;
            case OrderPlan.Command:
                await using (var command = context.Database.GetDbConnection().CreateCommand())
                {
                    command.Transaction = await context.Database.EnterTransactionAsync(cancellationToken);
                    command.CommandText = $"""INSERT INTO "Orders" ("Number") VALUES ({order.Number})""";
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }

                return;
            case OrderPlan.Query:
                await context.Orders.FromSql(
                    $"""
                    WITH placed ("Number") AS (SELECT {order.Number})
                    INSERT INTO "Orders" ("Number") SELECT "Number" FROM placed RETURNING "Id", "Number", "Note"
                    """).ToListAsync(cancellationToken);
                return;
            case OrderPlan.BeginTransaction:
                await using (await context.Database.BeginTransactionAsync(cancellationToken))
                    throw new NotSupportedException("There are two transactions.");
            case OrderPlan.WaitAndWrite:
                received.Waiting.TrySetResult();
                await received.Release.Task.WaitAsync(cancellationToken);
                break;
        }

        context.Add(new Order { Number = order.Number });
        await context.SaveChangesAsync(cancellationToken);
    }
}

/// <summary>On a queue of its own, one message at a time, so that what arrives is seen in order.</summary>
public sealed class OrderPlacedConsumer(Received received) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> message)
    {
        received.Add(message);
        return Task.CompletedTask;
    }
}

public sealed class OrderPlacedConsumerDefinition : ConsumerDefinition<OrderPlacedConsumer>
{
    public OrderPlacedConsumerDefinition() => EndpointName = "placed-orders";

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<OrderPlacedConsumer> consumer, IRegistrationContext context) =>
        endpoint.ConcurrentMessageLimit = 1;
}

/// <summary>The placed orders that have arrived, in order.</summary>
public sealed class Received
{
    readonly ConcurrentQueue<ConsumeContext<OrderPlaced>> _messages = [];

    public ConcurrentDictionary<int, int> Attempts { get; } = [];

    /// <summary>A consumer waits for <see cref="Release"/>.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<int> Numbers => [.. _messages.Select(message => message.Message.Number)];

    public IReadOnlyCollection<ConsumeContext<OrderPlaced>> Messages => _messages;

    public void Add(ConsumeContext<OrderPlaced> message) => _messages.Enqueue(message);

    public Task Until(int count) => Eventually.True(
        () => Task.FromResult(_messages.Count >= count), TimeSpan.FromSeconds(60), $"{count} placed orders",
        TestContext.Current.CancellationToken);
}

/// <summary>Sends to addresses of the scheme <c>test</c>, or refuses to.</summary>
sealed class TestTransport : IOutboxTransport
{
    readonly ConcurrentQueue<(string Destination, WaitingMessage Message)> _sent = [];
    int _begun;

    /// <summary>How many sends have begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>What a send waits for first.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Func<WaitingMessage, bool> Refuses { get; set; } = _ => false;

    public IEnumerable<WaitingMessage> SentTo(string destination) =>
        _sent.Where(sent => sent.Destination == destination).Select(sent => sent.Message);

    public bool Knows(Uri destination) => destination.Scheme == "test";

    public async Task Send(IOutboxMessage message, Uri destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        await Gate;

        var stored = (WaitingMessage)message;
        if (Refuses(stored))
            throw new InvalidOperationException("The test refuses it.");

        _sent.Enqueue((destination.Host, stored));
    }
}
