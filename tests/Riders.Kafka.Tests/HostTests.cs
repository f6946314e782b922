using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace MaestroBus.Riders.Kafka.Tests;

/// <summary>The whole host with Kafka switched on by the environment, and its command line.</summary>
public sealed class HostTests
{
    const string Topic = "orchestration.flows";

    static readonly string HostProgram = Path.Combine(AppContext.BaseDirectory, $"{typeof(KafkaRider).Assembly.GetName().Name!.Replace(".Riders.Kafka", ".Host")}.dll");

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flow_events_go_over_the_topic_to_the_usage_and_what_fails_there_is_operated_like_any_dead_letter()
    {
        await using var server = await KafkaServer.StartMock(Cancel);
        using var folder = new TemporaryFolder();
        var address = $"http://127.0.0.1:{Ports.Free()}";
        await using var host = ServerProcess.Start(
            "The host", "dotnet", [HostProgram, "--urls", address], "nothing: it is built with the tests",
            new Dictionary<string, string>
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["KAFKA_BOOTSTRAP_SERVERS"] = server.BootstrapServers,
                ["Bus__Transport"] = "memory",
                ["Bus__Database__Path"] = folder.At("state.db"),
                ["Bus__Integration__Addresses__analytics__BaseAddress"] = address,
            },
            AppContext.BaseDirectory);
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await host.Ready(async cancel => await Ports.Accepts(client.BaseAddress.Port, cancel) && (await client.GetAsync("/health/ready", cancel)).IsSuccessStatusCode, Limit, Cancel);

        using var started = await client.PostAsJsonAsync("/flows", new
        {
            specification = new { id = "hello", steps = new[] { new { id = "tell", adapter = "internal", input = new { to = "ops", subject = "Hello", text = "Hello" } } } },
            tenant = "globex",
            trigger = new { },
        }, Cancel);
        Assert.True(started.IsSuccessStatusCode, $"{started.StatusCode}: {await started.Content.ReadAsStringAsync(Cancel)}");

        await using var plugin = new KafkaPlugin(new KafkaSettings { BootstrapServers = server.BootstrapServers }, Microsoft.Extensions.Logging.Abstractions.NullLogger<KafkaPlugin>.Instance);
        var records = await RecordReader.AtLeast(plugin, Topic, 2);
        Assert.All(records, record => Assert.NotNull(record.Key));
        Assert.All(records, record => Assert.Equal("globex", record.Headers.Get("tenant-id")));
        await Eventually.True(async () => (await client.GetStringAsync("/analytics/usage?tenant=globex", Cancel)).Contains("FlowCompleted", StringComparison.Ordinal), Limit, "the usage of the flow", Cancel);

        // What somebody writes there by mistake.
        await plugin.Produce(new OutgoingRecord(Topic, "odd"u8.ToArray(), "{ no event"u8.ToArray(), Typed(records[0])), Cancel);
        var letter = await Eventually.Some(async () => (await Maestro(address, "dlq", "list", "--queue", Topic, "--json")) is var text && text.Contains(Topic, StringComparison.Ordinal) ? text : null, Limit, "the dead letter", Cancel);
        var id = JsonDocument.Parse(letter).RootElement.GetProperty("items")[0].GetProperty("id").GetInt64();
        Assert.Contains("unreadable", letter);
        var shown = await Maestro(address, "dlq", "show", $"{id}");
        Assert.Contains("MT-Stream-Offset", shown);
        Assert.Contains("no event", shown);

        using var retried = await client.PostAsync($"/admin/dead-letters/{id}/retry", null, Cancel);
        Assert.True(retried.IsSuccessStatusCode, $"{retried.StatusCode}");
        await Eventually.True(async () => (await RecordReader.AtLeast(plugin, Topic, records.Count + 2)).Count(record => record.Key!.AsSpan().SequenceEqual("odd"u8)) >= 2, Limit, "the record that is sent back", Cancel);
        await Eventually.True(async () => await client.GetStringAsync($"/admin/dead-letters?queue={Topic}", Cancel) is var list && JsonDocument.Parse(list).RootElement.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetInt64() > id), Limit, "the next dead letter", Cancel);
    }

    [Fact]
    public async Task What_the_rider_cannot_do_ends_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [HostProgram, "--urls", $"http://127.0.0.1:{Ports.Free()}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
            Environment =
            {
                ["KAFKA_BOOTSTRAP_SERVERS"] = "localhost:1",
                ["KAFKA_GROUP_ID"] = new string('x', 230),
                ["Bus__Transport"] = "memory",
                ["Bus__Database__Path"] = folder.At("state.db"),
            },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await output;
        await process.WaitForExitAsync(Cancel).WaitAsync(Limit, Cancel);

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"The kafka topic '{Topic}-xxx", error);
        Assert.Contains("characters. Use at most 249", error);
        Assert.DoesNotContain("   at ", error);
    }

    static RecordHeaders Typed(StreamRecord like)
    {
        var headers = new RecordHeaders();
        headers.Add(MessageHeaders.MessageType, like.Headers.Get(MessageHeaders.MessageType)!);
        return headers;
    }

    static async Task<string> Maestro(string address, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "maestro.dll"), .. arguments, "--url", address]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel).WaitAsync(Limit, Cancel);
        Assert.True(process.ExitCode == 0, $"maestro {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        return output;
    }
}
