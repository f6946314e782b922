namespace Maestro.Bus.Persistence.Tests;

public sealed class SqliteOptimisticSagaTests() : SqliteSagaSuite(ConcurrencyMode.Optimistic, true);

public sealed class SqliteOptimisticSagaWithoutInboxTests() : SqliteSagaSuite(ConcurrencyMode.Optimistic, false);

public sealed class SqlitePessimisticSagaTests() : SqliteSagaSuite(ConcurrencyMode.Pessimistic, true);

public sealed class SqlitePessimisticSagaWithoutInboxTests() : SqliteSagaSuite(ConcurrencyMode.Pessimistic, false);

public sealed class PostgresOptimisticSagaTests(PostgresFixture postgres) : PostgresSagaSuite(postgres, ConcurrencyMode.Optimistic, true);

public sealed class PostgresOptimisticSagaWithoutInboxTests(PostgresFixture postgres)
    : PostgresSagaSuite(postgres, ConcurrencyMode.Optimistic, false);

public sealed class PostgresPessimisticSagaTests(PostgresFixture postgres) : PostgresSagaSuite(postgres, ConcurrencyMode.Pessimistic, true);

public sealed class PostgresPessimisticSagaWithoutInboxTests(PostgresFixture postgres)
    : PostgresSagaSuite(postgres, ConcurrencyMode.Pessimistic, false);

public abstract class SqliteSagaSuite(ConcurrencyMode mode, bool hasInbox) : SagaStoreSuite(mode, hasInbox)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Task.FromResult(Databases.Sqlite());
}

public abstract class PostgresSagaSuite(PostgresFixture postgres, ConcurrencyMode mode, bool hasInbox) : SagaStoreSuite(mode, hasInbox)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Databases.Postgres(postgres, cancellationToken);
}
