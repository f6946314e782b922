namespace Maestro.Bus.Benchmarks;

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

/// <summary>
/// Keeps the saga on the domain's queue, where an inbox handles each event once, or on one of its own, where the repository is by itself.
/// </summary>
sealed class TallyDomain(Action<IEntityFrameworkSagaRepositoryConfigurator> configure, bool isOnce) : BusDomain
{
    public override string Queue => isOnce ? TallySagaDefinition.Queue : "tally-domain";

    public override QueuePolicy Policy => new() { Concurrency = 20, Prefetch = 100, Attempts = 1 };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<TallyDbContext>(configure);
        bus.Services.AddSingleton<Arrivals>();
    }
}

public sealed class TallySagaDefinition : SagaDefinition<TallySaga>
{
    public const string Queue = "tally";

    public TallySagaDefinition()
    {
        EndpointName = Queue;
        ConcurrentMessageLimit = 20;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<TallySaga> sagaConfigurator, IRegistrationContext context) =>
        endpointConfigurator.UseMessageRetry(retry => retry.Immediate(10));
}
