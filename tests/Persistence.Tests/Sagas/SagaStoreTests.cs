namespace MaestroBus.Persistence.Tests;

public sealed class SqliteOptimisticSagaTests() : SqliteSagaSuite(ConcurrencyMode.Optimistic);

public sealed class SqlitePessimisticSagaTests() : SqliteSagaSuite(ConcurrencyMode.Pessimistic);

public sealed class PostgresOptimisticSagaTests(PostgresFixture postgres) : PostgresSagaSuite(postgres, ConcurrencyMode.Optimistic);

public sealed class PostgresPessimisticSagaTests(PostgresFixture postgres) : PostgresSagaSuite(postgres, ConcurrencyMode.Pessimistic);

public abstract class SqliteSagaSuite(ConcurrencyMode mode) : SagaStoreSuite(mode)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) => Task.FromResult(Databases.Sqlite());
}

public abstract class PostgresSagaSuite(PostgresFixture postgres, ConcurrencyMode mode) : SagaStoreSuite(mode)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) => Databases.Postgres(postgres, cancellationToken);
}
