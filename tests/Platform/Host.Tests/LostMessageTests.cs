using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Host.Tests;

/// <summary>A flow whose message somebody deletes from its queue.</summary>
public sealed class LostMessageTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_whose_message_is_deleted_from_its_queue_fails_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        await using var host = new BusHost(new Dictionary<string, string>
        {
            ["Bus:Transport"] = "sqlite",
            ["Bus:Sqlite:Path"] = folder.At("bus.db"),
            ["Bus:Orchestration:CheckInterval"] = "1s",
            ["Bus:Orchestration:SilentAfter"] = "1s",
            ["Bus:Orchestration:FailAfter"] = "10s",
            // Nothing listens there: the call waits, delayed, until something does.
            ["Bus:Integration:Addresses:away:BaseAddress"] = $"http://127.0.0.1:{Ports.Free()}",
        });
        using var answer = await host.Client.PostAsJsonAsync(
            "/flows",
            new
            {
                tenant = "acme",
                specification = new
                {
                    id = "call",
                    steps = new[] { new { id = "call", adapter = "http", input = new { address = "away" } } },
                },
            },
            Cancellation);
        var flow = answer.EnsureSuccessStatusCode().Headers.Location!.ToString();

        await Eventually.True(() => Delete(folder.At("bus.db")), Limit, "the call to be deleted while it waits", Cancellation);

        var failed = await Eventually.Some(
            async () => await Get(host, flow) is var found && found.GetProperty("state").GetString() == "Failed"
                ? found.GetProperty("failure").GetString()
                : null,
            Limit, "the flow to fail", Cancellation);
        Assert.StartsWith("Nothing has come of the step 'call' since", failed, StringComparison.Ordinal);
    }

    static Task<JsonElement> Get(BusHost host, string flow) => host.Client.GetFromJsonAsync<JsonElement>(flow, Cancellation);

    static async Task<bool> Delete(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Default Timeout=10;Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM delivery WHERE state = 2 AND queue_id = (SELECT id FROM queue WHERE name = 'integration-tasks')
            """;
        return await command.ExecuteNonQueryAsync(Cancellation) > 0;
    }
}
