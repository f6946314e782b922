using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>The whole host with Kafka switched on by the environment, and its command line.</summary>
public sealed class HostTests(SharedKafka shared)
{
    const string Topic = "orchestration.flows";

    // The host's assembly has the bus's own name.
    static readonly string HostProgram = Directory.GetFiles(AppContext.BaseDirectory, "*.Host.dll")
        .Single(file => File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json")));

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flow_events_go_over_the_topic_to_the_usage_and_what_fails_there_is_operated_like_any_dead_letter()
    {
        var server = await shared.Server;
        // A mock cluster creates none by request, and a host is not ready without its topic.
        if (server.IsMock)
            await server.CreateTopic(Topic, 4);
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
                ["Bus__Data__Folder"] = folder.Path,
                ["Bus__Database__Path"] = folder.At("state.db"),
                ["Bus__Integration__Addresses__analytics__BaseAddress"] = address,
            },
            AppContext.BaseDirectory);
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await host.Ready(
            async cancel => await Ports.Accepts(client.BaseAddress.Port, cancel)
                && (await client.GetAsync("/health/ready", cancel)).IsSuccessStatusCode, Limit, Cancel);
        var key = (await File.ReadAllTextAsync(folder.At("development.key"), Cancel)).Trim();
        client.DefaultRequestHeaders.Add("X-Api-Key", key);

        using var started = await client.PostAsJsonAsync("/flows", new
        {
            specification = new
            {
                id = "hello",
                steps = new[] { new { id = "tell", adapter = "internal", input = new { to = "ops",
                subject = "Hello", text = "Hello" } } }
            },
            tenant = "globex",
            trigger = new { },
        }, Cancel);
        Assert.True(started.IsSuccessStatusCode, $"{started.StatusCode}: {await started.Content.ReadAsStringAsync(Cancel)}");

        await using var plugin = new KafkaPlugin(new KafkaSettings { BootstrapServers = server.BootstrapServers },
            Microsoft.Extensions.Logging.Abstractions.NullLogger<KafkaPlugin>.Instance);
        var records = await RecordReader.AtLeast(plugin, Topic, 2);
        Assert.All(records, record => Assert.NotNull(record.Key));
        Assert.All(records, record => Assert.Equal("globex", record.Headers.Get("tenant-id")));
        await Eventually.True(
            async () => (await client.GetStringAsync("/analytics/usage?tenant=globex", Cancel))
                .Contains("FlowCompleted", StringComparison.Ordinal), Limit, "the usage of the flow", Cancel);

        // What somebody writes there by mistake.
        await plugin.Produce(new OutgoingRecord(Topic, "odd"u8.ToArray(), "{ no event"u8.ToArray(), Typed(records[0])), Cancel);
        var letter = await Eventually.Some(
            async () => (await Cli(address, key, "dlq", "list", "--queue", Topic, "--json")) is var text
                && text.Contains(Topic, StringComparison.Ordinal) ? text : null, Limit, "the dead letter", Cancel);
        var id = JsonDocument.Parse(letter).RootElement.GetProperty("items")[0].GetProperty("id").GetInt64();
        Assert.Contains("unreadable", letter);
        var shown = await Cli(address, key, "dlq", "show", $"{id}");
        Assert.Contains("MT-Stream-Offset", shown);
        Assert.Contains("no event", shown);

        using var retried = await client.PostAsync($"/admin/dead-letters/{id}/retry", null, Cancel);
        Assert.True(retried.IsSuccessStatusCode, $"{retried.StatusCode}");
        await Eventually.True(
            async () => (await RecordReader.AtLeast(plugin, Topic, records.Count + 2))
                .Count(record => record.Key!.AsSpan().SequenceEqual("odd"u8)) >= 2, Limit, "the record that is sent back", Cancel);
        await Eventually.True(
            async () => await client.GetStringAsync($"/admin/dead-letters?queue={Topic}", Cancel) is var list && JsonDocument.Parse(
                list).RootElement.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetInt64() > id), Limit,
                "the next dead letter", Cancel);
    }

    [Fact]
    public async Task What_the_rider_cannot_do_ends_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        await using var process = ServerProcess.Start(
            "The host", "dotnet", [HostProgram, "--urls", $"http://127.0.0.1:{Ports.Free()}"], "nothing: it is built with the tests",
            new Dictionary<string, string>
            {
                ["KAFKA_BOOTSTRAP_SERVERS"] = "localhost:1",
                ["KAFKA_GROUP_ID"] = new string('x', 230),
                ["Bus__Transport"] = "memory",
                ["Bus__Database__Path"] = folder.At("state.db"),
            },
            AppContext.BaseDirectory);
        var exitCode = await process.Ended(Cancel);
        var error = process.Errors;

        Assert.Equal(1, exitCode);
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

    static async Task<string> Cli(string address, string key, params string[] arguments)
    {
        await using var process = ServerProcess.Start(
            "maestro", "dotnet", [Path.Combine(AppContext.BaseDirectory, "maestro.dll"), .. arguments, "--url", address],
            "nothing: it is built with the tests", new Dictionary<string, string> { ["MAESTRO_KEY"] = key });
        var exitCode = await process.Ended(Cancel);
        var output = string.Join(Environment.NewLine, process.Lines);
        Assert.True(exitCode == 0, $"maestro {string.Join(' ', arguments)} ended with {exitCode}: {output}");
        return output;
    }
}
