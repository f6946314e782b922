using System.Collections.Concurrent;

namespace Maestro.Bus.Scheduling.Tests;

public sealed record Tick(string Name, int Number = 0);

public sealed record Refused(string Name);

/// <summary>What messages that are heard have in common.</summary>
public interface ISound
{
    string Name { get; }
}

public sealed record Chime(string Name) : ISound;

public sealed record FarChime(string Name) : ISound;

public sealed record RecurringChime(string Name) : ISound;

public sealed class SoundConsumer(Ticks ticks) : IConsumer<ISound>
{
    public Task Consume(ConsumeContext<ISound> context)
    {
        ticks.Sounds.Enqueue(context.Message.Name);
        return Task.CompletedTask;
    }
}

/// <summary>What the consumer has got, in order.</summary>
public sealed class Ticks
{
    readonly Lock _lock = new();
    readonly List<ConsumeContext<Tick>> _contexts = [];

    public IReadOnlyList<ConsumeContext<Tick>> All
    {
        get
        {
            lock (_lock)
                return [.. _contexts];
        }
    }

    /// <summary>What the consumer of an interface has got.</summary>
    public ConcurrentQueue<string> Sounds { get; } = [];

    public IEnumerable<string> Names => All.Select(tick => tick.Message.Name);

    public void Add(ConsumeContext<Tick> context)
    {
        lock (_lock)
            _contexts.Add(context);
    }

    public Task<IReadOnlyList<ConsumeContext<Tick>>> AtLeast(int count) => Eventually.Some(
        () => Task.FromResult(All is { } all && all.Count >= count ? all : null), TimeSpan.FromSeconds(60), $"{count} ticks",
        TestContext.Current.CancellationToken);
}

public sealed class TickConsumer(Ticks ticks) : IConsumer<Tick>
{
    public Task Consume(ConsumeContext<Tick> context)
    {
        ticks.Add(context);
        return Task.CompletedTask;
    }
}

public sealed class RefusedConsumer : IConsumer<Refused>
{
    public Task Consume(ConsumeContext<Refused> context) => throw new InvalidMessageException("It is refused.");
}
