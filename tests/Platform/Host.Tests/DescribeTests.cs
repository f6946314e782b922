using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Host.Tests;

/// <summary>What <c>maestro describe</c> prints of the host, without a broker or a database.</summary>
public sealed partial class DescribeTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("memory")]
    [InlineData("rabbitmq")]
    [InlineData("sqlite")]
    public async Task The_bus_on_each_transport_is_described_as_approved(string transport)
    {
        var (exitCode, output, error) = await Describe($"Bus:Transport={transport}");

        Assert.Equal((0, ""), (exitCode, error));
        var approved = Path.Combine(AppContext.BaseDirectory, "Approved", $"describe-{transport}.yaml");
        var received = Path.ChangeExtension(approved, ".received.yaml");
        var text = Version().Replace(output, "engine: VERSION");
        await File.WriteAllTextAsync(received, text, Cancellation);
        Assert.True(
            await File.ReadAllTextAsync(approved, Cancellation) == text,
            $"The description differs from {approved}. Compare it with {received}, and copy that to Approved in the project "
                + "if it is right.");
    }

    [Fact]
    public async Task The_description_is_JSON_as_well()
    {
        var (_, output, _) = await Describe("--json", "Bus:Transport=memory", "Bus:Queues:notifications:FirstRetryDelay=90s");

        var notifications = JsonDocument.Parse(output).RootElement.GetProperty("queues").EnumerateArray()
            .Single(queue => queue.GetProperty("queue").GetString() == "notifications");
        Assert.Equal("90s", notifications.GetProperty("policy").GetProperty("firstRetryDelay").GetString());
    }

    [Fact]
    public async Task An_AsyncApi_document_has_a_channel_for_each_queue_and_all_its_references_lead_somewhere()
    {
        var (_, output, _) = await Describe("--asyncapi", "Bus:Transport=rabbitmq");
        var (_, json, _) = await Describe("--json", "Bus:Transport=rabbitmq");
        var root = JsonDocument.Parse(output).RootElement;
        var queues = JsonDocument.Parse(json).RootElement.GetProperty("queues").EnumerateArray();

        Assert.Equal("3.0.0", root.GetProperty("asyncapi").GetString());
        Assert.Equal(
            queues.Select(queue => queue.GetProperty("queue").GetString()),
            root.GetProperty("channels").EnumerateObject()
                .Where(channel => channel.Name.StartsWith("queue.", StringComparison.Ordinal))
                .Select(channel => channel.Value.GetProperty("address").GetString()));
        var references = Reference().Matches(output).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Equal(JsonValueKind.Object, Follow(root, reference).ValueKind));
        var payload = root.GetProperty("components").GetProperty("messages").EnumerateObject()
            .Single(message => message.Name.EndsWith(".Notifications.Contracts.SendNotification", StringComparison.Ordinal))
            .Value.GetProperty("payload");
        Assert.True(payload.GetProperty("properties").TryGetProperty("channel", out _));
    }

    [Theory]
    [InlineData(1, "'xml' is not a format of the command describe. Use --format yaml", "format=xml", "Bus:Transport=memory")]
    [InlineData(1, "Bus:Transport is 'pigeon'", "Bus:Transport=pigeon")]
    [InlineData(2, "'rabbitmq' is not a setting. Write NAME=VALUE, such as Bus:Transport=rabbitmq.", "rabbitmq")]
    [InlineData(2, "does not exist. Name the host's project folder or its assembly with --host.", "--host", "nowhere")]
    public async Task What_cannot_be_described_is_refused_with_a_sentence(int exitCode, string sentence, params string[] arguments)
    {
        var (ended, output, error) = await Describe(arguments);

        Assert.Equal((exitCode, ""), (ended, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    // A document's references are JSON pointers.
    static JsonElement Follow(JsonElement root, string reference) =>
        reference.Split('/').Aggregate(root, (element, name) => element.GetProperty(name));

    static async Task<(int ExitCode, string Output, string Error)> Describe(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string[] host = arguments.Contains("--host") ? [] : ["--host", typeof(Program).Assembly.Location];
        await using var process = ServerProcess.Start(
            "maestro", "dotnet", [Path.Combine(AppContext.BaseDirectory, "maestro.dll"), "describe", .. host, .. arguments],
            "nothing: it is built with the tests",
            new Dictionary<string, string>
            {
                ["Bus__Data__Folder"] = folder.Path,
                ["Bus__Database__Path"] = folder.At("state.db"),
                ["Bus__Sqlite__Path"] = folder.At("bus.db"),
                ["Bus__Integration__Addresses__analytics__BaseAddress"] = "http://localhost:5080",
            });
        var exitCode = await process.Ended(Cancellation);
        var errors = process.Errors.Split(Environment.NewLine).ToHashSet();
        return (exitCode, string.Concat(process.Lines.Where(line => !errors.Contains(line)).Select(line => $"{line}\n")), process.Errors);
    }

    [GeneratedRegex("""engine: .*""")]
    private static partial Regex Version();

    [GeneratedRegex("\"\\$ref\": \"#/([^\"]+)\"")]
    private static partial Regex Reference();
}
