namespace Maestro.Bus.Riders.Suite;

/// <summary>Reads what meters show from a topic, keeps it, and writes to another topic what follows from it.</summary>
public sealed class MetersDomain(string shown, string concluded) : BusDomain
{
    public override string Queue => "meters";

    public override QueuePolicy Policy => new() { Attempts = 1, Concurrency = 8 };

    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<MetersContext>();
        bus.ConfigureBus(configurator => configurator.AddEntityFrameworkOutbox<MetersContext>(outbox => outbox.UseBusOutbox()));
        bus.Services.AddSingleton<Repair>();
        bus.Topics(topics =>
        {
            topics.Consumes<MeterShown>(shown);
            topics.Produces<MeterConcluded>(concluded, message => message.Meter);
        });
    }
}

/// <summary>What a meter shows.</summary>
public sealed record MeterShown(string Meter, int Value);

/// <summary>What follows from what a meter shows.</summary>
public sealed record MeterConcluded(string Meter, int Value);

/// <summary>Whether what was broken is put right.</summary>
public sealed class Repair
{
    public volatile bool IsDone;
}

/// <summary>What the meters have shown.</summary>
public sealed class MetersContext(DbContextOptions<MetersContext> options) : DbContext(options)
{
    public DbSet<Reading> Readings => Set<Reading>();
}

/// <summary>A value that was kept.</summary>
public sealed class Reading
{
    public long Id { get; init; }

    public required string Meter { get; init; }

    public int Value { get; init; }

    public string? Note { get; init; }
}

/// <summary>Writes and keeps, and fails afterwards with what comes from a broken meter.</summary>
public sealed class MeterConsumer(MetersContext context, ITopicProducer<MeterConcluded> producer, Repair repair) : IConsumer<MeterShown>
{
    public async Task Consume(ConsumeContext<MeterShown> message)
    {
        var shown = message.Message;
        context.Add(new Reading { Meter = shown.Meter, Value = shown.Value, Note = message.Headers.Get<string>("note") });
        await producer.Produce(new MeterConcluded(shown.Meter, shown.Value), message.CancellationToken);

        if (shown.Meter == "broken" && !repair.IsDone)
            throw new InvalidOperationException("The meter is broken.");
    }
}
