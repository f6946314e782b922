namespace Maestro.Bus.Jobs.Tests;

public sealed class SqliteJobsTests : JobsSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresJobsTests(PostgresFixture postgres) : JobsSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres.Server, TestContext.Current.CancellationToken);
}
