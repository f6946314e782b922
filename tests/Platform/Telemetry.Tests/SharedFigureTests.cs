namespace Maestro.Bus.Telemetry.Tests;

/// <summary>What all hosts share is told by one of them at a time.</summary>
public sealed class SharedFigureTests
{
    const string Backlog = "bus_outbox_backlog{}";
    const string Depth = "bus_queue_depth{queue=\"orders\"}";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_two_hosts_on_one_file_tells_backlog_and_depth_and_the_other_one_goes_on_when_it_has_ended()
    {
        using var folder = new TemporaryFolder();
        var shared = new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "sqlite",
            ["Bus:Sqlite:Path"] = folder.At("bus.db"),
            ["Bus:Database:Path"] = folder.At("state.db"),
            ["Bus:Queues:orders:Concurrency"] = "1",
            ["Bus:Queues:orders:Prefetch"] = "1",
        };
        await using var one = await TelemetryHost.Start(shared);
        await using var other = await TelemetryHost.Start(shared);
        TelemetryHost[] hosts = [one, other];

        for (var order = 0; order < 7; order++)
            await one.Place(NewId.NextGuid(), "held", failures: 0);

        // Each host has one in work.
        var (telling, silent) = await Told(hosts, 5);
        Assert.DoesNotContain(Backlog, (await silent!.Metrics()).Keys);

        foreach (var host in hosts)
            host.Services.GetRequiredService<OrderAttempts>().Gate.SetResult();
        await telling.DisposeAsync();
        await Told([silent], 0);
    }

    // Waits until the depth is told, and returns who tells it and who does not. No sum over the hosts is ever larger than what was there.
    static async Task<(TelemetryHost Telling, TelemetryHost? Silent)> Told(IReadOnlyList<TelemetryHost> hosts, double depth)
    {
        TelemetryHost? telling = null;
        await Eventually.True(
            async () =>
            {
                var seen = await Task.WhenAll(hosts.Select(host => host.Metrics()));
                telling = hosts.Index().FirstOrDefault(host => seen[host.Index].ContainsKey(Depth) && seen[host.Index].ContainsKey(Backlog))
                    .Item;
                var sum = seen.Sum(metrics => metrics.GetValueOrDefault(Depth));
                Assert.InRange(sum, 0, 7);
                return telling is not null && sum == depth;
            },
            Limit, $"a depth of {depth}", Cancellation);
        return (telling!, hosts.FirstOrDefault(host => host != telling));
    }
}
