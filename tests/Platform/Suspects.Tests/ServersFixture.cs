using Maestro.Bus.Suspects.Tests;

[assembly: AssemblyFixture(typeof(ServersFixture))]

namespace Maestro.Bus.Suspects.Tests;

/// <summary>One RabbitMQ and one PostgreSQL for all tests; each takes a virtual host and a database of its own.</summary>
public sealed class ServersFixture : IAsyncLifetime
{
    public RabbitMqServer RabbitMq { get; } = new();

    public PostgresServer Postgres { get; } = new();

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(RabbitMq.Start(TestContext.Current.CancellationToken), Postgres.Start(TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
