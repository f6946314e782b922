using System.Collections.Concurrent;

namespace Maestro.Bus.Ledger.Tests;

/// <summary>
/// A second queue for the same messages that nobody reads until the end: it keeps them in the order in which the broker got them.
/// </summary>
public sealed class Witness(IReadOnlyDictionary<string, string?> settings)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>Declares the queue.</summary>
    public async Task Declare(CancellationToken cancellationToken)
    {
        using var host = Build(new Seen());
        await host.StartAsync(cancellationToken);
        await host.StopAsync(cancellationToken);
    }

    /// <summary>Reads the queue.</summary>
    /// <param name="count">How many different entries there are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The entries in the broker's order; of one that the broker has got several times, the first.</returns>
    public async Task<IReadOnlyList<Entry>> Read(int count, CancellationToken cancellationToken)
    {
        var seen = new Seen();
        using var host = Build(seen);
        await host.StartAsync(cancellationToken);
        await Eventually.True(
            () => Task.FromResult(seen.Different.Count >= count), Patience, $"{count} entries at the broker", cancellationToken);
        await host.StopAsync(cancellationToken);
        return [.. seen.All.Distinct()];
    }

    IHost Build(Seen seen)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Where(setting =>
            setting.Key == "Bus:Transport" || setting.Key.StartsWith("Bus:RabbitMq", StringComparison.Ordinal)
            || setting.Key.StartsWith("Bus:Sqlite", StringComparison.Ordinal)));
        builder.Services.AddSingleton(seen);
        builder.Services.AddBus(builder.Configuration, [new WitnessDomain()], [new RabbitMqTransport(), new SqliteTransport()]);
        return builder.Build();
    }

    sealed class WitnessDomain : BusDomain
    {
        public override QueuePolicy Policy => new() { Concurrency = 1, Prefetch = 1 };
    }
}

/// <summary>What the witness has seen.</summary>
public sealed class Seen
{
    public ConcurrentQueue<Entry> All { get; } = [];

    public ConcurrentDictionary<Entry, bool> Different { get; } = [];
}

public sealed class WitnessConsumer(Seen seen) : IConsumer<Entry>
{
    public Task Consume(ConsumeContext<Entry> context)
    {
        seen.All.Enqueue(context.Message);
        seen.Different.TryAdd(context.Message, true);
        return Task.CompletedTask;
    }
}
