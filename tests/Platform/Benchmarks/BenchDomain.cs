namespace Maestro.Bus.Benchmarks;

/// <summary>A domain whose consumer only counts.</summary>
public sealed class BenchDomain : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = Contender.Senders, Prefetch = Contender.Prefetch };

    public override void AddServices(BusBuilder bus) => bus.Services.AddSingleton<Arrivals>();
}

/// <summary>A message of about 256 bytes of JSON.</summary>
public sealed record BenchMessage(int Number, string Text)
{
    internal static string Filler { get; } = new('x', 220);
}

public sealed class BenchConsumer(Arrivals arrivals) : IConsumer<BenchMessage>
{
    public Task Consume(ConsumeContext<BenchMessage> context)
    {
        arrivals.Arrived();
        return Task.CompletedTask;
    }
}
