using Npgsql;

namespace MaestroBus.Host.Tests;

/// <summary>The host as a process while its PostgreSQL is away at its start (c13).</summary>
public sealed class DatabaseOutageTests
{
    // The lock that a host takes before it migrates.
    const long MigrationLock = 0x62_75_73_6D_69_67;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_stops_while_a_host_migrates_is_waited_for_with_a_line_when_that_begins_and_one_when_it_ends()
    {
        await using var database = new PostgresServer();
        await database.Start(Cancellation);
        var connectionString = await database.CreateDatabase(Cancellation);
        using var folder = new TemporaryFolder();
        await using var holder = new NpgsqlConnection(connectionString + ";Pooling=false");
        await holder.OpenAsync(Cancellation);
        await Run(holder, $"SELECT pg_advisory_lock({MigrationLock})");
        await using var host = SignalledHost.Start(
            folder,
            [("Bus:Transport", "sqlite"), ("Bus:Database:Provider", "postgresql"), ("Bus:Database:ConnectionString", connectionString)]);
        await Eventually.True(
            async () => await Run(holder,
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'") is > 0L,
            Limit, "the host to migrate", Cancellation);

        await database.Kill();
        await host.Wrote("cannot be reached", Cancellation);
        Assert.True(await IsLive(host));
        await database.Start(Cancellation);
        await host.Ready(Cancellation);
        host.Terminate();

        Assert.Equal((0, ""), (await host.Ended(Cancellation), host.Errors));
        var lines = host.Lines.Where(line => line.Contains("PostgreSQL at ", StringComparison.Ordinal)).Select(line =>
            line.Trim()).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith($"PostgreSQL at 127.0.0.1:{database.Port} cannot be reached: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"PostgreSQL at 127.0.0.1:{database.Port} is back after ", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(host.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_goes_away_while_a_host_works_is_told_of_when_that_begins_and_ends_and_by_no_library()
    {
        await using var database = new PostgresServer();
        await database.Start(Cancellation);
        using var folder = new TemporaryFolder();
        await using var host = SignalledHost.Start(
            folder,
            [
                ("Bus:Transport", "sqlite"), ("Bus:Database:Provider", "postgresql"),
                ("Bus:Database:ConnectionString", await database.CreateDatabase(Cancellation)),
            ]);
        await host.Wrote("This process runs the schedules", Cancellation);
        await host.Ready(Cancellation);
        var known = host.Lines.Count;

        await database.Kill();
        // Quartz and the loops have met the outage several times by then.
        await host.Wrote("schedules is degraded", Cancellation);
        await database.Start(Cancellation);
        await host.Wrote("schedules is well again", Cancellation);
        await host.Ready(Cancellation);
        var lines = host.Lines.Skip(known).ToList();
        host.Terminate();

        Assert.Equal((0, ""), (await host.Ended(Cancellation), host.Errors));
        Assert.DoesNotContain(lines, line => line.Contains("   at ", StringComparison.Ordinal));
        var told = lines.Where(
            line => line.StartsWith("warn: ", StringComparison.Ordinal) || line.StartsWith("fail: ", StringComparison.Ordinal));
        Assert.Equal(
            ["Outages[90]", "ReadinessLog[97]", "ReadinessLog[98]"],
            told.Select(line => line.Split('.')[^1]).Where(source => source != "OutboxDelivery[13]").Order());
        Assert.DoesNotContain(lines, line => line.Contains(": Quartz.", StringComparison.Ordinal));
    }

    static async Task<object?> Run(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    static async Task<bool> IsLive(SignalledHost host)
    {
        using var answer = await host.Client.GetAsync("/health/live", Cancellation);
        return answer.IsSuccessStatusCode;
    }
}
