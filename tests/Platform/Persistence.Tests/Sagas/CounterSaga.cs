using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence.Tests;

public sealed record BeginCounting(Guid CorrelationId, string Group) : CorrelatedBy<Guid>;

public sealed record Count(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>Takes until it is cancelled, the first time.</summary>
public sealed record CountSlowly(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>Changes nothing.</summary>
public sealed record LookAtCount(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record CountSeen(Guid CorrelationId);

public sealed record CountGroup(string Group);

public sealed record FailToCount(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>Counts, and notes each count in a table of its own, past Entity Framework.</summary>
public sealed record CountAndNote(Guid CorrelationId) : CorrelatedBy<Guid>;

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
    readonly ConcurrentDictionary<Guid, bool> _slow = [];

    public CounterStateMachine()
    {
        InstanceState(saga => saga.CurrentState);
        Event(() => Grouped, e => e.CorrelateBy((saga, context) => saga.Group == context.Message.Group));
        Event(
            () => Ended,
            e => e.OnMissingInstance(missing =>
                missing.ExecuteAsync(context => context.Publish(new NothingToEnd(context.Message.CorrelationId)))));

        Initially(When(Begun).Then(context => context.Saga.Group = context.Message.Group).TransitionTo(Counting));
        During(
            Counting,
            When(Begun).Then(context => context.Saga.Number++),
            When(Counted).Then(context => context.Saga.Number++),
            When(Noted).Activity(selector => selector.OfType<NoteActivity>()).Then(context => context.Saga.Number++),
            When(Looked).Publish(context => new CountSeen(context.Saga.CorrelationId)),
            When(CountedSlowly)
                .Then(context => context.Saga.Number++)
                .Publish(context => new NothingToEnd(context.Saga.CorrelationId))
                .ThenAsync(context =>
                    _slow.TryAdd(context.Saga.CorrelationId, true)
                        ? new TaskCompletionSource().Task.WaitAsync(context.CancellationToken)
                        : Task.CompletedTask),
            When(Grouped).Then(context => context.Saga.Number++),
            When(Failed).Then(context => context.Saga.Number = 1000).Then(_ => throw new InvalidOperationException("It fails on purpose.")),
            When(Ended).Finalize());
        SetCompletedWhenFinalized();
    }

    public State Counting { get; private set; } = null!;

    public Event<BeginCounting> Begun { get; private set; } = null!;

    public Event<Count> Counted { get; private set; } = null!;

    public Event<CountSlowly> CountedSlowly { get; private set; } = null!;

    public Event<LookAtCount> Looked { get; private set; } = null!;

    public Event<CountGroup> Grouped { get; private set; } = null!;

    public Event<FailToCount> Failed { get; private set; } = null!;

    public Event<CountAndNote> Noted { get; private set; } = null!;

    public Event<EndCounting> Ended { get; private set; } = null!;
}

public sealed class CounterNote
{
    public Guid Id { get; set; }
}

/// <summary>Writes on the transaction's connection, as those do who do not care for Entity Framework.</summary>
public sealed class NoteActivity(CounterDbContext context) : IStateMachineActivity<CounterSaga, CountAndNote>
{
    public async Task Execute(BehaviorContext<CounterSaga, CountAndNote> behavior, IBehavior<CounterSaga, CountAndNote> next)
    {
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = await context.Database.EnterTransactionAsync(behavior.CancellationToken);
        command.CommandText = "INSERT INTO \"Notes\" (\"Id\") VALUES (@id)";
        var id = command.CreateParameter();
        (id.ParameterName, id.Value) = ("@id", NewId.NextGuid());
        command.Parameters.Add(id);
        await command.ExecuteNonQueryAsync(behavior.CancellationToken);
        await next.Execute(behavior);
    }

    public Task Faulted<TException>(
        BehaviorExceptionContext<CounterSaga, CountAndNote, TException> behavior, IBehavior<CounterSaga, CountAndNote> next)
        where TException : Exception => next.Faulted(behavior);

    public void Accept(StateMachineVisitor visitor) => visitor.Visit(this);

    public void Probe(ProbeContext context) => context.CreateScope("note");
}

public sealed class CounterDbContext(DbContextOptions<CounterDbContext> options) : SagaDbContext(options)
{
    public DbSet<CounterSaga> Counters => Set<CounterSaga>();

    public DbSet<CounterNote> Notes => Set<CounterNote>();

    protected override IEnumerable<ISagaClassMap> Configurations => [new CounterMap()];

    sealed class CounterMap : SagaClassMap<CounterSaga>;
}

/// <summary>
/// One attempt only: a conflict that is not settled by itself would show as a dead letter. The saga is on the domain's queue, where the
/// inbox's transaction is its own, or on another, where the repository has one for itself.
/// </summary>
public sealed class CounterDomain(ConcurrencyMode mode, bool hasInbox) : BusDomain
{
    public override string Queue => hasInbox ? CounterSagaDefinition.Queue : "counter-domain";

    public override QueuePolicy Policy => new() { Concurrency = 20, Attempts = 1 };

    public override void AddServices(BusBuilder bus)
    {
        bus.Services.AddSingleton(this).AddScoped<NoteActivity>();
        bus.AddDatabase<CounterDbContext>(sagas => sagas.ConcurrencyMode = mode);
    }

    public void Configure(IReceiveEndpointConfigurator endpoint)
    {
        // As any saga of MassTransit's with optimistic concurrency: the domain's queue does this by itself.
        if (!hasInbox)
            endpoint.UseMessageRetry(retry => retry.Immediate(10));
    }
}

/// <summary>Found by every domain of this assembly, with and without the counter's own.</summary>
public sealed class CounterSagaDefinition : SagaDefinition<CounterSaga>
{
    public const string Queue = "counter";

    public CounterSagaDefinition()
    {
        EndpointName = Queue;
        ConcurrentMessageLimit = 20;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<CounterSaga> sagaConfigurator, IRegistrationContext context) =>
        context.GetService<CounterDomain>()?.Configure(endpointConfigurator);
}
