using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence.Tests;

public sealed record SendParcel(int Number);

public sealed record ParcelSent(int Number);

/// <summary>An application's context, as one has it on MassTransit: with the tables of its outbox.</summary>
public sealed class ParcelContext(DbContextOptions<ParcelContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddInboxStateEntity();
        modelBuilder.AddOutboxStateEntity();
        modelBuilder.AddOutboxMessageEntity();
    }
}

/// <summary>An application's context that knows nothing of an outbox.</summary>
public sealed class BareParcelContext(DbContextOptions<BareParcelContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();
}

/// <summary>An application's context that names the tables of its outbox in snake case.</summary>
public sealed class SnakeParcelContext(DbContextOptions<SnakeParcelContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutboxStateEntity(outbox => outbox.ToTable("outbox_state"));
        modelBuilder.AddOutboxMessageEntity(outbox => outbox.ToTable("outbox_message"));
    }
}

/// <summary>An application's context that has them in a schema of their own.</summary>
public sealed class SchemaParcelContext(DbContextOptions<SchemaParcelContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddInboxStateEntity(inbox => inbox.ToTable("inbox_state", "parcels"));
        modelBuilder.AddOutboxStateEntity(outbox => outbox.ToTable("outbox_state", "parcels"));
        modelBuilder.AddOutboxMessageEntity(outbox => outbox.ToTable("outbox_message", "parcels"));
    }
}

public sealed class Parcel
{
    public int Id { get; init; }

    public int Number { get; init; }
}

/// <summary>Writes a parcel and tells of it.</summary>
public sealed class SendParcelConsumer<TContext>(TContext context, ParcelLog log) : IConsumer<SendParcel>
    where TContext : DbContext
{
    public async Task Consume(ConsumeContext<SendParcel> message)
    {
        log.Handled.Enqueue(message.Message.Number);
        context.Add(new Parcel { Number = message.Message.Number });
        await message.Publish(new ParcelSent(message.Message.Number), message.CancellationToken);
    }
}

public sealed class ParcelSentConsumer(ParcelLog log) : IConsumer<ParcelSent>
{
    public Task Consume(ConsumeContext<ParcelSent> message)
    {
        log.Sent.Enqueue(message);
        log.Times[message.Message.Number] = TimeProvider.System.GetUtcNow().UtcDateTime;
        return Task.CompletedTask;
    }
}

/// <summary>What has been consumed.</summary>
public sealed class ParcelLog
{
    public ConcurrentQueue<int> Handled { get; } = [];

    public ConcurrentQueue<ConsumeContext<ParcelSent>> Sent { get; } = [];

    /// <summary>When each number was told of.</summary>
    public ConcurrentDictionary<int, DateTime> Times { get; } = [];

    public IEnumerable<int> Numbers => Sent.Select(sent => sent.Message.Number);
}
