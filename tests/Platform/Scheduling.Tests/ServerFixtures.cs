using Maestro.Bus.Scheduling.Tests;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: AssemblyFixture(typeof(RabbitMqFixture))]

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>One PostgreSQL for all tests that only use it; each test takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>One RabbitMQ for all tests; each takes a virtual host of its own.</summary>
public sealed class RabbitMqFixture : IAsyncLifetime
{
    public RabbitMqServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
