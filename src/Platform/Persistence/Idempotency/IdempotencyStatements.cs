namespace Maestro.Bus.Persistence;

/// <summary>The statements on claims and results in a database's language.</summary>
/// <param name="Lock">Lets those who want the same message wait for each other; none where there is one writer anyway.</param>
/// <param name="Find">The claim or result that there is, a result first.</param>
/// <param name="DeleteOver">Deletes a claim whose time is over.</param>
/// <param name="Claim">Claims.</param>
/// <param name="Renew">Extends a claim.</param>
/// <param name="Complete">Keeps a result.</param>
/// <param name="Release">Gives a claim up.</param>
/// <param name="DeleteExpired">Deletes what is kept no longer.</param>
sealed record IdempotencyStatements(
    string? Lock, string Find, string DeleteOver, string Claim, string Renew, string Complete, string Release, string DeleteExpired)
{
    public static IdempotencyStatements For(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite
        ? Of(null, SqliteOutboxSchema.Now, parameter => $"{SqliteOutboxSchema.Now} + CAST(@{parameter} AS INTEGER)")
        : Of("SELECT pg_advisory_xact_lock(hashtextextended(@message, 0))", "clock_timestamp()",
            parameter => $"clock_timestamp() + (@{parameter}) * interval '1 millisecond'");

    static IdempotencyStatements Of(string? statement, string now, Func<string, string> later)
    {
        // An hour and ten leases: a claim for longer is of a clock that was ahead: whoever has it renews it by the right one, or is gone.
        var farOff = later("lease * 10 + 3600000");
        const string mine = "WHERE scope = @scope AND key = @key AND run = @run AND results IS NULL";

        return new IdempotencyStatements(
            statement,
            $"""
            SELECT results FROM idempotency_claim WHERE scope = @scope AND key IN (@key, @before, @after)
                AND expires > {now} AND (results IS NOT NULL OR expires < {farOff}) ORDER BY results IS NULL LIMIT 1
            """,
            $"""
            DELETE FROM idempotency_claim WHERE scope = @scope AND key = @key
                AND (expires <= {now} OR results IS NULL AND expires >= {farOff})
            """,
            $"INSERT INTO idempotency_claim (scope, key, run, expires) VALUES (@scope, @key, @run, {later("lease")}) ON CONFLICT "
                + "DO NOTHING",
            $"UPDATE idempotency_claim SET expires = {later("lease")} {mine}",
            $"UPDATE idempotency_claim SET results = @results, expires = {later("retention")} {mine}",
            $"DELETE FROM idempotency_claim {mine}",
            $"DELETE FROM idempotency_claim WHERE (scope, key) IN (SELECT scope, key FROM idempotency_claim WHERE expires <= {now} ORDER "
                + "BY expires LIMIT @limit)");
    }
}
