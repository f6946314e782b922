namespace MaestroBus.Benchmarks;

public sealed record Tally(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>A saga that only counts.</summary>
public sealed class TallySaga : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public string Text { get; set; } = "";

    public int Number { get; set; }
}

public sealed class TallyStateMachine : MassTransitStateMachine<TallySaga>
{
    public TallyStateMachine()
    {
        InstanceState(saga => saga.CurrentState);
        Initially(When(Counted).TransitionTo(Counting));
        During(Counting, When(Counted).Then(context => context.Saga.Number++));
    }

    public State Counting { get; private set; } = null!;

    public Event<Tally> Counted { get; private set; } = null!;
}

public sealed class TallyDbContext(DbContextOptions<TallyDbContext> options) : SagaDbContext(options)
{
    public DbSet<TallySaga> Tallies => Set<TallySaga>();

    protected override IEnumerable<ISagaClassMap> Configurations => [new TallyMap()];

    sealed class TallyMap : SagaClassMap<TallySaga>;
}

sealed class TallyDomain(ConcurrencyMode mode) : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = 20, Prefetch = 100, Attempts = 1 };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<TallyDbContext>(sagas => sagas.ConcurrencyMode = mode);
        bus.Services.AddSingleton<Arrivals>();
    }
}
