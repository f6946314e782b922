using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence.Tests;

public sealed class SqliteSagaVersionTests : SagaVersionSuite
{
    protected override Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken) =>
        Task.FromResult<Action<DbContextOptionsBuilder>>(new TestState().Use);
}

public sealed class PostgresSagaVersionTests(PostgresFixture postgres) : SagaVersionSuite
{
    protected override async Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken)
    {
        var connectionString = await postgres.Server.CreateDatabase(cancellationToken);
        return options => options.UseNpgsql(connectionString);
    }
}

/// <summary>
/// A saga may have a RowVersion of any type, mapped as a row version, as a concurrency token or not at all: no change is lost where
/// concurrency is optimistic.
/// </summary>
public abstract class SagaVersionSuite
{
    const int Messages = 25;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(byte[]), VersionMapping.None)]
    [InlineData(typeof(byte[]), VersionMapping.Token)]
    [InlineData(typeof(byte[]), VersionMapping.RowVersion)]
    [InlineData(typeof(uint), VersionMapping.None)]
    [InlineData(typeof(uint), VersionMapping.RowVersion)]
    [InlineData(typeof(int), VersionMapping.Token)]
    [InlineData(typeof(long), VersionMapping.RowVersion)]
    [InlineData(typeof(Guid), VersionMapping.Token)]
    [InlineData(typeof(DateTime), VersionMapping.Token)]
    [InlineData(typeof(string), VersionMapping.Token)]
    [InlineData(typeof(TimeSpan), VersionMapping.None)]
    public Task No_change_is_lost(Type version, VersionMapping mapping) =>
        (Task)typeof(SagaVersionSuite).GetMethod(nameof(Count), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(version).Invoke(this, [mapping, true])!;

    /// <summary>
    /// As on MassTransit with pessimistic sagas: their tables have no version, and a moved context's migrations stay as they are.
    /// </summary>
    [Theory]
    [InlineData(ConcurrencyMode.Optimistic)]
    [InlineData(ConcurrencyMode.Pessimistic)]
    public Task No_change_of_a_saga_without_a_version_is_lost(ConcurrencyMode mode) =>
        Count<int>(VersionMapping.Absent, mode == ConcurrencyMode.Optimistic);

    protected abstract Task<Action<DbContextOptionsBuilder>> Database(CancellationToken cancellationToken);

    private protected async Task Count<TVersion>(VersionMapping mapping, bool isOptimistic)
    {
        var database = await Database(Cancellation);
        await (mapping switch
        {
            VersionMapping.Token => Count<TokenTallies<TVersion>, TVersion>(database, isOptimistic),
            VersionMapping.RowVersion => Count<RowVersionTallies<TVersion>, TVersion>(database, isOptimistic),
            VersionMapping.Absent => Count<PlainTallies<TVersion>, TVersion>(database, isOptimistic),
            _ => Count<UnmappedTallies<TVersion>, TVersion>(database, isOptimistic),
        });
    }

    static async Task Count<TContext, TVersion>(Action<DbContextOptionsBuilder> database, bool isOptimistic)
        where TContext : DbContext
    {
        await using var host = await PlainHost<TContext>.Start(database, bus =>
        {
            bus.AddEntityFrameworkOutbox<TContext>();
            bus.AddSaga<Tally<TVersion>>().EntityFrameworkRepository(repository =>
            {
                repository.ConcurrencyMode = isOptimistic ? ConcurrencyMode.Optimistic : ConcurrencyMode.Pessimistic;
                repository.ExistingDbContext<TContext>();
            }).Endpoint(endpoint => endpoint.Name = "tallies");
            bus.AddConfigureEndpointsCallback((_, _, endpoint) => endpoint.UseMessageRetry(retry => retry.Immediate(Messages * 2)));
        });
        await host.InScope(async (context, _) =>
        {
            await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(Cancellation);
            return true;
        });
        var id = NewId.NextGuid();

        await host.Bus.Publish(new BeginTally(id), Cancellation);
        await Eventually.True(async () => await Number(host, id) == 0, TimeSpan.FromSeconds(60), "the saga", Cancellation);
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(_ => host.Bus.Publish(new AddToTally(id), Cancellation)));

        await Eventually.True(async () => await Number(host, id) == Messages, TimeSpan.FromSeconds(60), $"{Messages} to be counted",
            Cancellation);

        static Task<int?> Number(PlainHost<TContext> host, Guid id) => host.InScope((context, _) =>
            context.Set<Tally<TVersion>>().AsNoTracking().Where(tally => tally.CorrelationId == id).Select(tally => (int?)tally.Number)
                .SingleOrDefaultAsync(Cancellation));
    }
}

public enum VersionMapping
{
    /// <summary>As an ordinary column, of which a SagaDbContext makes what it can.</summary>
    None,

    Token,

    RowVersion,

    /// <summary>In a context that knows nothing of versions.</summary>
    Absent,
}

public sealed record BeginTally(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record AddToTally(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed class Tally<TVersion> : ISaga, InitiatedBy<BeginTally>, Orchestrates<AddToTally>
{
    public Guid CorrelationId { get; set; }

    public int Number { get; set; }

    public TVersion RowVersion { get; set; } = default!;

    public Task Consume(ConsumeContext<BeginTally> context) => Task.CompletedTask;

    public async Task Consume(ConsumeContext<AddToTally> context)
    {
        var number = Number;
        await Task.Yield();
        Number = number + 1;
    }
}

public sealed class TallyMap<TVersion>(Action<PropertyBuilder<TVersion>> map) : SagaClassMap<Tally<TVersion>>
{
    protected override void Configure(EntityTypeBuilder<Tally<TVersion>> entity, ModelBuilder model)
    {
        entity.ToTable("Tally");
        map(entity.Property(tally => tally.RowVersion));
    }
}

public sealed class UnmappedTallies<TVersion>(DbContextOptions<UnmappedTallies<TVersion>> options) : SagaDbContext(options)
{
    protected override IEnumerable<ISagaClassMap> Configurations => [new TallyMap<TVersion>(version =>
        {
            if (!typeof(TVersion).IsValueType)
                version.IsRequired(false);
        })];
}

public sealed class TokenTallies<TVersion>(DbContextOptions<TokenTallies<TVersion>> options) : SagaDbContext(options)
{
    protected override IEnumerable<ISagaClassMap> Configurations => [new TallyMap<TVersion>(version => version.IsConcurrencyToken())];
}

public sealed class RowVersionTallies<TVersion>(DbContextOptions<RowVersionTallies<TVersion>> options) : SagaDbContext(options)
{
    protected override IEnumerable<ISagaClassMap> Configurations => [new TallyMap<TVersion>(version => version.IsRowVersion())];
}

public sealed class PlainTallies<TVersion>(DbContextOptions<PlainTallies<TVersion>> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Tally<TVersion>>(tally =>
        {
            tally.ToTable("Tally");
            tally.HasKey(saga => saga.CorrelationId);
            tally.Property(saga => saga.CorrelationId).ValueGeneratedNever();
        });
}
