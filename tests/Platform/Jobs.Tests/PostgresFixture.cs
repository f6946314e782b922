using Maestro.Bus.Jobs.Tests;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Maestro.Bus.Jobs.Tests;

/// <summary>One PostgreSQL for all tests that only use it; each test takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.Start(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
