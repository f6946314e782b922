using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Maestro.Bus.Host.Tests;

/// <summary>The host as a process while its PostgreSQL is away at its start (c13), later, or read-only (a03).</summary>
public sealed class DatabaseOutageTests
{
    // The lock that a host takes before it migrates.
    const long MigrationLock = 0x62_75_73_6D_69_67;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

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

    /// <summary>
    /// What a client meets that is connected, or led, to the former primary after a failover (a03). The sessions of that time stay
    /// read-only when the database is writable again.
    /// </summary>
    [Fact]
    public async Task Webhooks_that_come_while_the_database_is_read_only_wait_without_an_attempt_counted_and_are_all_handled_afterwards()
    {
        const int attempts = 4;
        await using var database = new PostgresServer();
        await database.Start(Cancellation);
        var connectionString = await database.CreateDatabase(Cancellation);
        using var folder = new TemporaryFolder();
        await using var host = SignalledHost.Start(
            folder,
            [
                ("Bus:Transport", "sqlite"), ("Bus:Database:Provider", "postgresql"), ("Bus:Database:ConnectionString", connectionString),
                ("Bus:Attempts", $"{attempts}"),
                .. new[] { "ingress-events", "orchestration-flows" }.SelectMany(queue => new[]
                {
                    ($"Bus:Queues:{queue}:FirstRetryDelay", "20ms"), ($"Bus:Queues:{queue}:CircuitBreaker:ProbeInterval", "50ms"),
                }),
            ]);
        await host.Ready(Cancellation);
        await using var owner = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await owner.OpenAsync(Cancellation);
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;

        await Run(owner, $"ALTER DATABASE \"{name}\" SET default_transaction_read_only = on");
        await Run(owner, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
        var journeys = new List<string>();
        for (var order = 0; order < 10; order++)
        {
            using var answer = await host.Client.SendAsync(SampleWebhook.Order($"ord-{order}"), Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            journeys.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("journey").GetString()!);
        }

        await Eventually.True(
            async () => await Ready(host) is (HttpStatusCode.ServiceUnavailable, { } reason)
                && reason.Contains("read-only", StringComparison.Ordinal),
            Limit, "health to say that the database is read-only", Cancellation);
        // Were the attempts counted, all of them would be dead letters by then.
        await Eventually.True(
            async () => (await Hops(journeys)).Count(hop => hop.Outcome == "retrying") > journeys.Count * attempts,
            Limit, "more tries than attempts", Cancellation);
        await Run(owner, $"ALTER DATABASE \"{name}\" RESET default_transaction_read_only");
        await Eventually.True(
            async () => (await Hops(journeys)).Count(hop => hop.MessageType == "FlowCompleted") >= journeys.Count,
            Limit, "all flows to complete", Cancellation);
        await host.Ready(Cancellation);
        var letters = await host.Client.GetFromJsonAsync<JsonElement>("/admin/dead-letters", Cancellation);
        host.Terminate();

        Assert.Equal((0, ""), (await host.Ended(Cancellation), host.Errors));
        Assert.Equal(0, letters.GetProperty("items").GetArrayLength());

        async Task<List<Hop>> Hops(IEnumerable<string> paths)
        {
            var hops = new List<Hop>();
            foreach (var path in paths)
            {
                using var answer = await host.Client.GetAsync(path, Cancellation);
                if (answer.IsSuccessStatusCode)
                    hops.AddRange((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation))
                        .GetProperty("hops").Deserialize<List<Hop>>(JsonSerializerOptions.Web)!);
            }

            return hops;
        }
    }

    static async Task<(HttpStatusCode Code, string? Reason)> Ready(SignalledHost host)
    {
        using var answer = await host.Client.GetAsync("/health/ready", Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
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
