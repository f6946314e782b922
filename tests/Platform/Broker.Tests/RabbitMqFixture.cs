using Maestro.Bus.Broker.Tests;

[assembly: AssemblyFixture(typeof(RabbitMqFixture))]

namespace Maestro.Bus.Broker.Tests;

/// <summary>One RabbitMQ for all tests that only use it.</summary>
public sealed class RabbitMqFixture : IAsyncLifetime
{
    public RabbitMqServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
