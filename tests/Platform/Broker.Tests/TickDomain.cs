using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Bus.Broker.Tests;

/// <summary>A domain that notes when messages arrive.</summary>
public sealed class TickDomain : BusDomain
{
    public override string Queue => "ticks";

    public override QueuePolicy Policy =>
        new() { Attempts = 4, FirstRetryDelay = TimeSpan.FromMilliseconds(300), RetryJitter = 0, Concurrency = 4 };

    public override void AddServices(BusBuilder bus) => bus.Services.AddSingleton<TickLog>();
}

public sealed record Tick(string Name);

public interface IStroke
{
    string Name { get; }
}

public sealed record Stroke(string Name) : IStroke;

public sealed class TickLog
{
    public ConcurrentQueue<(string Name, TimeSpan At)> Seen { get; } = [];

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    public ConcurrentDictionary<string, string?> RoutingKeys { get; } = [];

    public string? RoutingKeyOf(string name) => RoutingKeys.GetValueOrDefault(name);

    public IEnumerable<TimeSpan> Of(string name) => Seen.Where(tick => tick.Name == name).Select(tick => tick.At);
}

public sealed class TickConsumer(TickLog log) : IConsumer<Tick>
{
    public Task Consume(ConsumeContext<Tick> context)
    {
        log.RoutingKeys[context.Message.Name] = context.RoutingKey();
        log.Seen.Enqueue((context.Message.Name, log.Clock.Elapsed));
        return context.Message.Name == "fail" ? throw new TimeoutException("The tick fails.") : Task.CompletedTask;
    }
}

public sealed class StrokeConsumer(TickLog log) : IConsumer<IStroke>
{
    public Task Consume(ConsumeContext<IStroke> context)
    {
        log.Seen.Enqueue((context.Message.Name, log.Clock.Elapsed));
        return Task.CompletedTask;
    }
}
