namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>The broker is killed and comes back, and hangs and goes on, in turn.</summary>
public sealed class BrokerChaosTests(EndingBroker broker) : ChaosScenario<EndingBroker>(broker)
{
    protected override Func<int, Task>? Disturbance => async number =>
    {
        var isKilled = number % 2 == 0;
        using var timer = new PeriodicTimer(KilledConsumers.Life);

        await (isKilled ? Broker.Real.Kill(0) : Broker.Real.Pause(0));
        await timer.WaitForNextTickAsync(Cancel);
        await (isKilled ? Broker.Real.Revive(0) : Broker.Real.Resume(0));
    };
}

/// <summary>A real broker of the test's own, which may end.</summary>
public sealed class EndingBroker(SharedKafka shared) : KafkaBroker(shared)
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
    }

    protected override Task<KafkaServer> Connect() => KafkaServer.Start(CancellationToken.None, SharedKafka.Overrides);
}
