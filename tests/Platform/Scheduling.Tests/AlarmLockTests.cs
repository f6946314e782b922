using Npgsql;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What comes through Quartz of a PostgreSQL that is away.</summary>
public sealed class AlarmLockTests(PostgresFixture postgres)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// A session of that time stays read-only and goes back to the pool: Quartz would fail with it for as long as nobody else takes it.
    /// </summary>
    [Fact]
    public async Task A_read_only_database_is_told_of_as_an_outage_and_its_sessions_are_not_used_afterwards()
    {
        var settings = await Databases.Postgres(postgres, Cancellation);
        var name = new NpgsqlConnectionStringBuilder(settings["Bus:Database:ConnectionString"]).Database;
        await using var owner = new NpgsqlConnection(postgres.Server.ConnectionString + ";Pooling=false");
        await owner.OpenAsync(Cancellation);
        await using var host = await TestHost.Start(settings);
        var alarms = host.Services.GetRequiredService<AlarmClock>();
        await UntilLogged("This process runs the schedules");

        await Run($"ALTER DATABASE \"{name}\" SET default_transaction_read_only = on");
        await Run($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
        var refusals = new List<Exception>();
        for (var attempt = 0; attempt < 10; attempt++)
            refusals.Add(await Assert.ThrowsAnyAsync<Exception>(SetAlarm));
        await UntilLogged(" cannot be reached: ");
        await Run($"ALTER DATABASE \"{name}\" RESET default_transaction_read_only");
        await UntilLogged(" is back after ");
        await Eventually.True(
            async () => await Record.ExceptionAsync(SetAlarm) is null, Patience, "an alarm to be set", Cancellation);

        Assert.All(refusals, refusal => Assert.True(DatabaseFailures.IsAway(refusal), $"{refusal}"));
        Assert.Contains(refusals, refusal => refusal.GetBaseException() is PostgresException { SqlState: "25006" });
        Assert.Empty(host.Log.Exceptions);

        Task SetAlarm() => alarms.Set("nightly", TimeProvider.System.GetUtcNow().AddHours(1), Cancellation);

        Task UntilLogged(string text) => Eventually.True(
            () => Task.FromResult(host.Log.All.Any(line => line.Contains(text, StringComparison.Ordinal))), Patience, text, Cancellation);

        async Task Run(string statement)
        {
            await using var command = new NpgsqlCommand(statement, owner);
            await command.ExecuteScalarAsync(Cancellation);
        }
    }
}
