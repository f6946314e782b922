namespace Maestro.Bus.Scheduling.Tests;

public sealed record Tick(string Name, int Number = 0);

public sealed record Refused(string Name);

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
