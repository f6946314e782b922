namespace Maestro.Bus.Persistence.Tests;

public sealed class SqliteStoredSagaTests() : SqliteStoredSagaSuite(true);

public sealed class SqliteStoredSagaWithoutInboxTests() : SqliteStoredSagaSuite(false);

public sealed class PostgresStoredSagaTests(PostgresFixture postgres) : PostgresStoredSagaSuite(postgres, true);

public sealed class PostgresStoredSagaWithoutInboxTests(PostgresFixture postgres) : PostgresStoredSagaSuite(postgres, false);

public abstract class SqliteStoredSagaSuite(bool hasInbox) : StoredSagaSuite(hasInbox)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Task.FromResult(Databases.Sqlite());
}

public abstract class PostgresStoredSagaSuite(PostgresFixture postgres, bool hasInbox) : StoredSagaSuite(hasInbox)
{
    protected override Task<Dictionary<string, string?>> Database(CancellationToken cancellationToken) =>
        Databases.Postgres(postgres, cancellationToken);
}
