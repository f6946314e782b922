using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>The whole host on a disk that runs full and is enlarged.</summary>
public sealed class FullDiskTests
{
    const int Refusals = 20;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_full_disk_every_flow_is_taken_or_refused_and_all_that_were_taken_end_when_there_is_room_again()
    {
        await using var disk = await SmallDisk.Mount(14, Cancellation);
        Assert.SkipWhen(disk is null, "This user may not mount a small disk; root may.");

        var log = new LogLines();
        await using var host = new BusHost(
            new Dictionary<string, string>
            {
                ["Bus:Transport"] = "sqlite",
                ["Bus:Sqlite:Path"] = disk.At("bus.db"),
                ["Bus:Database:Path"] = disk.At("state.db"),
            },
            log);

        List<string> taken = [];
        for (var refused = 0; refused < Refusals; refused++)
        {
            while (await Start(host, new string('x', 30_000)) is { } flow)
                taken.Add(flow);
        }

        // What room the log has left is used up, too, so that nothing can be written.
        await Eventually.True(
            async () =>
            {
                if (await Start(host, new string('x', 30_000)) is { } flow)
                    taken.Add(flow);
                return await Ready(host) is HttpStatusCode.ServiceUnavailable;
            },
            Limit, "readiness to tell of it", Cancellation);
        Assert.NotEmpty(taken);

        await disk.Resize(300, Cancellation);
        await Eventually.True(async () => await Ready(host) is HttpStatusCode.OK, Limit, "readiness to recover", Cancellation);
        foreach (var flow in taken)
            await Completed(host, flow);
        await Completed(host, (await Start(host, "after"))!);

        // The first error is the one that is told.
        Assert.DoesNotContain(log.All.Concat(log.Exceptions), line => line.Contains("cannot rollback", StringComparison.Ordinal));
        Assert.Contains(log.All, line => line.Contains(" cannot be reached: ", StringComparison.Ordinal)
            && line.Contains(" full", StringComparison.Ordinal));
        Assert.DoesNotContain(
            log.All, line => line.Contains("dead-lettered", StringComparison.Ordinal)
                || line.Contains("FAULT ", StringComparison.Ordinal)
                || line.Contains("never saved", StringComparison.Ordinal)
                || line.Contains("Microsoft.EntityFrameworkCore", StringComparison.Ordinal));
    }

    static async Task<HttpStatusCode> Ready(BusHost host)
    {
        using var answer = await host.Client.GetAsync("/health/ready", Cancellation);
        return answer.StatusCode;
    }

    static async Task<string?> Start(BusHost host, string text)
    {
        using var answer = await host.Client.PostAsJsonAsync(
            "/flows",
            new
            {
                tenant = "acme",
                specification = new
                {
                    id = "tell",
                    steps = new[] { new { id = "tell", adapter = "internal", input = new { to = "team", text } } },
                },
            },
            Cancellation);
        if (answer.StatusCode == HttpStatusCode.Accepted)
            return answer.Headers.Location!.ToString();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        return null;
    }

    static async Task Completed(BusHost host, string flow)
    {
        var state = "";
        await Eventually.True(
            async () =>
            {
                using var answer = await host.Client.GetAsync(flow, Cancellation);
                state = answer.IsSuccessStatusCode
                    ? (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("state").GetString()
                    : $"{answer.StatusCode}";
                // What has failed stays failed.
                return state is "Completed" or "Failed";
            },
            Limit, $"{flow} to end", Cancellation);
        Assert.Equal("Completed", state);
    }
}
