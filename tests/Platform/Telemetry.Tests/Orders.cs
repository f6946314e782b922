using System.Collections.Concurrent;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>An order whose first attempts fail.</summary>
public sealed record OrderPlaced(string Name, int Failures);

/// <summary>A message that nobody has sent yet when a test begins.</summary>
public sealed record OrderNoted(string Name);

/// <summary>The domain of the orders, with a database: what its endpoint publishes goes through the outbox.</summary>
public sealed class OrderDomain : BusDomain
{
    public override string Queue => "orders";

    public override QueuePolicy Policy => new()
    {
        Attempts = 3,
        FirstRetryDelay = TimeSpan.FromMilliseconds(50),
        CircuitBreaker = new() { Enabled = false },
    };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<Orders>();
        bus.Services.AddSingleton<OrderAttempts>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id:guid}/{name}/{failures:int}", async (
            Guid id, string name, int failures, Orders orders, IPublishEndpoint publisher, CancellationToken cancellationToken) =>
        {
            await publisher.Publish(new OrderPlaced(name, failures), context => context.MessageId = id, cancellationToken);
            orders.Add(new Order { Name = name });
            await orders.SaveChangesAsync(cancellationToken);
        }).RequireRole(AccessRole.Client);
}

/// <summary>What is kept of the orders.</summary>
public sealed class Orders(DbContextOptions<Orders> options) : DbContext(options)
{
    public DbSet<Order> All => Set<Order>();
}

/// <summary>An order.</summary>
public sealed class Order
{
    public long Id { get; init; }

    public required string Name { get; init; }
}

/// <summary>Counts attempts, as the tests know them.</summary>
public sealed class OrderAttempts
{
    readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);

    /// <summary>Gets what orders with the name <c>held</c> wait for.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets how often consumers were run.</summary>
    public int Total => _attempts.Values.Sum();

    /// <summary>Notes an attempt and returns its number.</summary>
    public int Next(string name) => _attempts.AddOrUpdate(name, 1, (_, count) => count + 1);
}

/// <summary>A job of the orders.</summary>
public sealed record OrderJob(string Name);

/// <summary>Does nothing.</summary>
public sealed class OrderJobConsumer : IJobConsumer<OrderJob>
{
    public Task Run(JobContext<OrderJob> context) => Task.CompletedTask;
}

/// <summary>Fails as often as the order says.</summary>
public sealed class OrderConsumer(OrderAttempts attempts) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) => context.Message.Name == "held"
        ? attempts.Gate.Task.WaitAsync(context.CancellationToken)
        : attempts.Next(context.Message.Name) <= context.Message.Failures
        ? throw new InvalidOperationException($"The order {context.Message.Name} cannot be handled yet.")
        : Task.CompletedTask;
}
