namespace Maestro.Bus.Riders.Tests;

public sealed record StormSeen(string Place, int Number);

/// <summary>Publishes and consumes an event that it declares to be on a topic.</summary>
public sealed class WeatherDomain(
    Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)> received, Action<BusBuilder>? configure = null) : BusDomain
{
    public const string Topic = "weather.storms";

    public override QueuePolicy Policy => new() { Attempts = 1 };

    public override void AddServices(BusBuilder bus)
    {
        bus.Services.AddSingleton(received);
        bus.Topics(topics =>
        {
            topics.Produces<StormSeen>(Topic, storm => storm.Place);
            topics.Consumes<StormSeen>(Topic);
        });
        configure?.Invoke(bus);
    }
}

public sealed class StormConsumer(Received<(Guid? Id, string? Tenant, bool IsFromTopic, int Number)> received) : IConsumer<StormSeen>
{
    public Task Consume(ConsumeContext<StormSeen> context) =>
        received.Add((context.MessageId, context.TenantId(), context.TryGetPayload(out StreamRecord? _), context.Message.Number));
}
