using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence.Tests;

public sealed record OpenOrder(Guid CorrelationId, string Number, int Customer = 0) : CorrelatedBy<Guid>;

public sealed record AddItem(Guid CorrelationId, string Item) : CorrelatedBy<Guid>;

/// <summary>Finds its order by the number.</summary>
public sealed record PayOrder(string Number);

/// <summary>Finds its orders by an expression.</summary>
public sealed record RateCustomer(int Customer, string[] Numbers);

/// <summary>Its query cannot be asked of a database.</summary>
public sealed record FindByLength(int Length);

public sealed record AskForStock(Guid CorrelationId, bool IsAnswered) : CorrelatedBy<Guid>;

public sealed record CheckStock(string Number);

public sealed record StockChecked(int Left);

/// <summary>Is never answered.</summary>
public sealed record CheckLate(string Number);

public sealed record LateChecked(int Left);

public sealed record RemindOfOrder(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record OrderReminder(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record SpoilOrder(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record CloseOrder(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record OrderMissing(Guid CorrelationId);

public sealed record OrderChanged(Guid CorrelationId, string What);

/// <summary>Has no repository: the bus keeps it.</summary>
public sealed class OrderSaga : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public OrderKey Key { get; set; } = new("");

    public int Customer { get; set; }

    public Grade? Grade { get; set; }

    public DateTimeOffset? Due { get; private set; }

    public decimal Total { get; set; }

    public List<string> Items { get; set; } = [];

    public Dictionary<string, object> Notes { get; set; } = [];

    public Guid? ReminderToken { get; set; }

    public void SetDue(DateTimeOffset due) => Due = due;
}

public sealed record OrderKey(string Number);

public enum Grade
{
    Low,
    High,
}

public sealed class OrderStateMachine : MassTransitStateMachine<OrderSaga>
{
    // Without an inbox what is scheduled may come before the state is stored that waits for it, on a busy machine.
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public OrderStateMachine()
    {
        InstanceState(saga => saga.CurrentState);
        Event(() => Paid, e => e.CorrelateBy(saga => saga.Key.Number, context => context.Message.Number));
        Event(() => Rated, e => e.CorrelateBy((saga, context) =>
            saga.Customer == context.Message.Customer && context.Message.Numbers.Contains(saga.Key.Number) && saga.Grade != Grade.High));
        Event(() => Found, e => e.CorrelateBy((saga, context) => saga.Key.Number.Length == context.Message.Length));
        Event(() => Closed, e => e.OnMissingInstance(missing =>
            missing.ExecuteAsync(context => context.Publish(new OrderMissing(context.Message.CorrelationId)))));
        Schedule(() => Reminder, saga => saga.ReminderToken, s => s.Delay = Moment);
        Request(() => Stock, r =>
        {
            r.ServiceAddress = new Uri($"queue:{StockQueue}");
            r.Timeout = TimeSpan.Zero;
        });
        Request(() => Late, r =>
        {
            r.ServiceAddress = new Uri($"queue:{StockQueue}");
            r.Timeout = Moment;
        });

        Initially(When(Placed).Then(context =>
        {
            context.Saga.Key = new OrderKey(context.Message.Number);
            context.Saga.Customer = context.Message.Customer;
            context.Saga.Total = 1.10m;
            context.Saga.SetDue(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)));
            context.Saga.Notes["note"] = "a\0b";
        }).Changed("placed").TransitionTo(Open));
        During(
            Open,
            When(Added).Then(context => context.Saga.Items.Add(context.Message.Item)),
            When(Paid).Then(context => context.Saga.Items.Add("paid")).Changed("paid"),
            When(Rated).Then(context => context.Saga.Grade = Grade.High),
            When(Found).Then(context => context.Saga.Items.Add("found")),
            When(Asked, context => context.Message.IsAnswered)
                .Request(Stock, context => new CheckStock(context.Saga.Key.Number)).TransitionTo(Stock.Pending),
            When(Asked, context => !context.Message.IsAnswered)
                .Request(Late, context => new CheckLate(context.Saga.Key.Number)).TransitionTo(Late.Pending),
            When(Remind).Schedule(Reminder, context => new OrderReminder(context.Saga.CorrelationId)),
            When(Reminder.Received).Changed("reminded"),
            When(Spoilt)
                .Then(context => context.Saga.Items.Add("spoilt"))
                .Changed("spoilt")
                .Then(_ => throw new InvalidOperationException("It fails on purpose.")),
            When(Closed).Finalize());
        During(
            Stock.Pending,
            When(Stock.Completed)
                .Then(context => context.Saga.Items.Add($"left {context.Message.Left}"))
                .Changed("stock")
                .TransitionTo(Open));
        During(Late.Pending, When(Late.TimeoutExpired).Changed("late").TransitionTo(Open));
        SetCompletedWhenFinalized();
    }

    public const string StockQueue = "stock";

    public State Open { get; private set; } = null!;

    public Event<OpenOrder> Placed { get; private set; } = null!;

    public Event<AddItem> Added { get; private set; } = null!;

    public Event<PayOrder> Paid { get; private set; } = null!;

    public Event<RateCustomer> Rated { get; private set; } = null!;

    public Event<FindByLength> Found { get; private set; } = null!;

    public Event<AskForStock> Asked { get; private set; } = null!;

    public Event<RemindOfOrder> Remind { get; private set; } = null!;

    public Event<SpoilOrder> Spoilt { get; private set; } = null!;

    public Event<CloseOrder> Closed { get; private set; } = null!;

    public Schedule<OrderSaga, OrderReminder> Reminder { get; private set; } = null!;

    public Request<OrderSaga, CheckStock, StockChecked> Stock { get; private set; } = null!;

    public Request<OrderSaga, CheckLate, LateChecked> Late { get; private set; } = null!;
}

static class OrderActivities
{
    public static EventActivityBinder<OrderSaga, T> Changed<T>(this EventActivityBinder<OrderSaga, T> binder, string what)
        where T : class =>
        binder.Publish(context => new OrderChanged(context.Saga.CorrelationId, what));
}

public sealed class OrderSagaDefinition : SagaDefinition<OrderSaga>
{
    public const string Queue = "orders";

    public OrderSagaDefinition() => EndpointName = Queue;
}

/// <summary>A saga without a state machine, with a constructor as MassTransit's documentation has it.</summary>
public sealed class TallySaga(Guid correlationId) :
    ISaga, InitiatedBy<StartTally>, Orchestrates<RaiseTally>, Observes<RaiseAllTallies, TallySaga>
{
    public Guid CorrelationId { get; set; } = correlationId;

    public string? Group { get; set; }

    public int Number { get; set; }

    public System.Linq.Expressions.Expression<Func<TallySaga, RaiseAllTallies, bool>> CorrelationExpression =>
        (saga, message) => saga.Group == message.Group;

    public Task Consume(ConsumeContext<StartTally> context)
    {
        Group = context.Message.Group;
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RaiseTally> context) => Task.FromResult(Number++);

    public Task Consume(ConsumeContext<RaiseAllTallies> context) => Task.FromResult(Number += 10);
}

public sealed record StartTally(Guid CorrelationId, string Group) : CorrelatedBy<Guid>;

public sealed record RaiseTally(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record RaiseAllTallies(string Group);

public sealed class TallySagaDefinition : SagaDefinition<TallySaga>
{
    public const string Queue = "tallies";

    public TallySagaDefinition() => EndpointName = Queue;
}

/// <summary>A domain whose queue the sagas are on, with an inbox or without.</summary>
public sealed class OrderDomain(bool hasInbox) : BusDomain
{
    public override string Queue => hasInbox ? OrderSagaDefinition.Queue : "order-domain";

    public override QueuePolicy Policy => new() { Concurrency = 20, Attempts = 1 };

    public override void AddServices(BusBuilder bus) => bus.AddDatabase<OrderDbContext>();
}

/// <summary>Has tables of the domain's, and none of the saga.</summary>
public sealed class OrderDbContext(DbContextOptions<OrderDbContext> options) : DbContext(options)
{
    public DbSet<CounterNote> Notes => Set<CounterNote>();
}

public sealed class OrderLog
{
    public ConcurrentQueue<OrderChanged> Changes { get; } = [];

    public ConcurrentQueue<OrderMissing> Missing { get; } = [];

    public ConcurrentQueue<ExceptionInfo> Faults { get; } = [];
}
