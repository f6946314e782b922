namespace MaestroBus.Orchestration.Tests;

public sealed class FlowSpecificationFilesTests
{
    const string IdRule =
        "Use 1 to 64 letters, digits, dashes and underscores, beginning with a letter or digit, such as invoice-paid.";

    const string Steps = """ "steps": [{ "id": "call", "adapter": "http", "input": { "address": "shop" } }] """;

    [Fact]
    public async Task Every_problem_of_every_file_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await Write(folder, "a.json", """{ "id": "a" """);
        await Write(folder, "b.json", $$"""{ "id": "b b", "step": 1, {{Steps}} }""");
        await Write(folder, "c.json", $$"""{ "id": "same", {{Steps}} }""");
        await Write(folder, "d.json", $$"""{ "id": "same", {{Steps}} }""");
        await Write(folder, "readme.txt", "Not a flow.");

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => FlowScenario.Start(
            [new("Bus:Orchestration:Flows", folder.Path), new("Bus:Orchestration:PublishTimeout", "0s")]));

        Assert.Equal(
            $"""
            The bus cannot start: 5 settings are wrong.
              - Bus:Orchestration:PublishTimeout is '00:00:00'. Use a duration over 0s and up to 5m, such as 5s.
              - The flow file a.json is wrong at $.id: This is not JSON: see line 1, byte 13. Send one JSON document.
              - The flow file b.json is wrong at $.step: 'step' is not known here. Use id, tenant, trigger, context, steps or bindings.
              - The flow file b.json is wrong at $.id: 'b b' is not an id. {IdRule}
              - The flow files c.json and d.json both hold 'same'. Give each specification an id of its own.
            """,
            exception.Message,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task A_folder_that_is_named_must_exist()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() =>
            FlowScenario.Start([new("Bus:Orchestration:Flows", "no-such-folder")]));

        Assert.Contains(
            "Bus:Orchestration:Flows is 'no-such-folder'. Use a folder that exists, absolute or under the content root.", exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_flows_that_come_with_the_host_are_sound()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "host-flows");
        await using var host = await FlowsHost.Start([new("Bus:Orchestration:Flows", folder)]);

        var loaded = await host.Get("/flows/specifications");

        Assert.Equal(
            ["github-issues", "github-push", "order-placed", "stripe-invoice-paid"],
            loaded.EnumerateArray().Select(specification => specification.GetProperty("id").GetString()));
    }

    static Task Write(TemporaryFolder folder, string file, string content) =>
        File.WriteAllTextAsync(folder.At(file), content, TestContext.Current.CancellationToken);
}
