namespace MaestroBus.Persistence.Tests;

public sealed record BeginCounting(Guid CorrelationId, string Group) : CorrelatedBy<Guid>;

public sealed record Count(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record CountGroup(string Group);

public sealed record FailToCount(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record EndCounting(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record NothingToEnd(Guid CorrelationId);

public sealed class CounterSaga : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public string Group { get; set; } = "";

    public int Number { get; set; }
}

public sealed class CounterStateMachine : MassTransitStateMachine<CounterSaga>
{
    public CounterStateMachine()
    {
        InstanceState(saga => saga.CurrentState);
        Event(() => Grouped, e => e.CorrelateBy((saga, context) => saga.Group == context.Message.Group));
        Event(() => Ended, e => e.OnMissingInstance(missing => missing.ExecuteAsync(context => context.Publish(new NothingToEnd(context.Message.CorrelationId)))));

        Initially(When(Begun).Then(context => context.Saga.Group = context.Message.Group).TransitionTo(Counting));
        During(
            Counting,
            When(Begun).Then(context => context.Saga.Number++),
            When(Counted).Then(context => context.Saga.Number++),
            When(Grouped).Then(context => context.Saga.Number++),
            When(Failed).Then(context => context.Saga.Number = 1000).Then(_ => throw new InvalidOperationException("It fails on purpose.")),
            When(Ended).Finalize());
        SetCompletedWhenFinalized();
    }

    public State Counting { get; private set; } = null!;

    public Event<BeginCounting> Begun { get; private set; } = null!;

    public Event<Count> Counted { get; private set; } = null!;

    public Event<CountGroup> Grouped { get; private set; } = null!;

    public Event<FailToCount> Failed { get; private set; } = null!;

    public Event<EndCounting> Ended { get; private set; } = null!;
}

public sealed class CounterDbContext(DbContextOptions<CounterDbContext> options) : SagaDbContext(options)
{
    public DbSet<CounterSaga> Counters => Set<CounterSaga>();

    protected override IEnumerable<ISagaClassMap> Configurations => [new CounterMap()];

    sealed class CounterMap : SagaClassMap<CounterSaga>;
}

/// <summary>One attempt only: a conflict that is not settled by itself would show as a dead letter.</summary>
sealed class CounterDomain(ConcurrencyMode mode) : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = 20, Attempts = 1 };

    public override void AddServices(BusBuilder bus) => bus.AddDatabase<CounterDbContext>(sagas => sagas.ConcurrencyMode = mode);
}
