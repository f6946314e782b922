using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration.Tests;

/// <summary>What a flow may be at most, and that the limits are kept while work is done and not after it.</summary>
public sealed class FlowBoundsTests
{
    const int Huge = 700_000;

    [Fact]
    public async Task A_text_that_repeats_a_path_too_often_is_refused_at_the_door()
    {
        await using var host = await FlowsHost.Start();
        var text = string.Concat(Enumerable.Repeat("{trigger.a}", 20_000));

        using var answer = await host.Post(
            $$"""{ "trigger": { "a": "{{new string('x', Huge)}}" }, "specification": {{Telling("text", text)}} }""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(
            "The text has 220000 characters. Use at most 16384, or raise Bus:Orchestration:MaxTextLength.",
            (await Errors(answer)).GetProperty("$.specification.bindings[0].text")[0].GetString());
        Assert.Empty(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar));
    }

    [Theory]
    [InlineData("tell", "internal", "text", 100, 'x')]
    [InlineData("call", "http", "path", 1, 'ü')]
    public async Task A_text_that_becomes_too_large_fails_the_flow(string step, string adapter, string input, int times, char letter)
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(
            $$"""
            {
              "id": "large",
              "steps": [{ "id": "{{step}}", "adapter": "{{adapter}}", "input": { "{{(adapter == "http" ? "address" : "to")}}": "team" } }],
              "bindings": [{ "to": "{{step}}.{{input}}", "text": "{{string.Concat(Enumerable.Repeat("{trigger.a}", times))}}" }]
            }
            """,
            $$"""{ "a": "{{new string(letter, Huge)}}" }""");

        var failed = await flow.Published<FlowFailed>();
        Assert.Equal(
            "The input becomes larger than 1048576 characters. Bind less to it, or raise Bus:Orchestration:MaxInputSize.", failed.Reason);
        Assert.Equal(step, (await flow.In("Failed")).Step);
        Assert.Empty(flow.All<SendNotification>());
        Assert.Empty(flow.All<CallApi>());
        Assert.Empty(flow.Exceptions);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("from")]
    public void Putting_an_input_together_stops_at_the_limit(string kind)
    {
        const int bindings = 500;
        var settings = new OrchestrationSettings();
        var specification = new FlowSpecification(
            "large",
            [new FlowStep("call", "http")],
            [
                .. Enumerable.Range(0, bindings).Select(number => kind == "text"
                    ? new FlowBinding($"call.body.b{number}", Text: string.Concat(Enumerable.Repeat("{trigger.a}", 100)))
                    : new FlowBinding($"call.body.b{number}", From: "trigger")),
            ]);
        var data = JsonNode.Parse($$"""{ "trigger": { "a": "{{new string('x', Huge)}}" } }""")!;

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<UnresolvableInputException>(() => StepInput.Resolve(specification, specification.Steps[0], data, settings));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // All bindings together would take 700 MB, or a hundred times that as text.
        Assert.InRange(allocated, 0, 16L * settings.MaxInputSize);
    }

    [Fact]
    public async Task Values_that_are_bound_into_one_another_fail_the_flow_where_no_parser_would_read_them()
    {
        await using var flow = await FlowScenario.Start();
        var place = string.Join('.', Enumerable.Repeat("a", 20));

        await flow.Run(
            $$"""
            {
              "id": "deep",
              "steps": [{ "id": "call", "adapter": "http", "input": { "address": "shop" } }],
              "bindings": [{ "to": "call.body.{{place}}", "from": "trigger" }]
            }
            """,
            Nested(30));

        Assert.StartsWith("The input is wrong at $.body.a.a.", (await flow.Published<FlowFailed>()).Reason, StringComparison.Ordinal);
        await flow.In("Failed");
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task Results_that_become_too_large_together_fail_the_flow()
    {
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:MaxStateSize", "20000")]);

        await flow.Run(
            """
            {
              "id": "large",
              "steps": [
                { "id": "first", "adapter": "http", "input": { "address": "shop" } },
                { "id": "second", "adapter": "http", "input": { "address": "shop" } }
              ]
            }
            """);
        await flow.Called("first");
        await flow.Answer("first", $"\"{new string('x', 10_000)}\"");
        await flow.Called("second");
        await flow.Answer("second", $"\"{new string('x', 10_000)}\"");

        var failed = await flow.Published<FlowFailed>();
        Assert.Equal(
            ("second", "The result of 'second' is too large. A flow may keep 20000 characters. " +
                "Ask APIs for less, or raise Bus:Orchestration:MaxStateSize."),
            (failed.StepId, failed.Reason));
        Assert.InRange((await flow.In("Failed")).Results.Length, 10_000, 11_000);
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task A_trigger_that_is_too_large_fails_the_flow()
    {
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:MaxStateSize", "20000")]);

        await flow.Run(Telling("from", "trigger.a"), $$"""{ "a": "{{new string('x', 20_000)}}" }""");

        Assert.StartsWith(
            "The specification and the trigger are too large.", (await flow.Published<FlowFailed>()).Reason, StringComparison.Ordinal);
        await flow.In("Failed");
        Assert.Empty(flow.All<SendNotification>());
    }

    [Theory]
    [InlineData("MaxSteps", "1", "$.specification.steps", "There are 2 steps. Use at most 1")]
    [InlineData("MaxBindings", "1", "$.specification.bindings", "There are 2 bindings. Use at most 1")]
    [InlineData("MaxTextLength", "64", "$.specification.bindings[1].text", "The text has 94 characters. Use at most 64")]
    [InlineData("MaxTextPaths", "2", "$.specification.bindings[1].text", "The text has 3 paths in braces. Use at most 2")]
    public async Task A_specification_beyond_a_limit_is_refused_at_the_door(string setting, string value, string path, string message)
    {
        await using var host = await FlowsHost.Start([new($"Bus:Orchestration:{setting}", value)]);

        using var answer = await host.Post($$"""{ "specification": {{TwoSteps}} }""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith(message, (await Errors(answer)).GetProperty(path)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxSteps", "1", "$.steps: There are 2 steps. Use at most 1")]
    [InlineData("MaxTextPaths", "2", "$.bindings[1].text: The text has 3 paths in braces. Use at most 2")]
    [InlineData("MaxBodySize", "1024", "$: The file has 2014 bytes. Use at most 1024")]
    public async Task A_specification_file_beyond_a_limit_stops_the_start(string setting, string value, string problem)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("two.json"), TwoSteps.PadRight(2014), TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(
            () => FlowsHost.Start([new("Bus:Orchestration:Flows", folder.Path), new($"Bus:Orchestration:{setting}", value)]));

        Assert.Contains($"The flow file two.json is wrong at {problem}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxDepth", "31", "Use a whole number of levels from 32 to 48.")]
    [InlineData("MaxSteps", "0", "Use a whole number of steps from 1 to 1000.")]
    [InlineData("MaxBindings", "10001", "Use a whole number of bindings from 0 to 10000.")]
    [InlineData("MaxTextLength", "63", "Use a whole number of characters from 64 to 1048576.")]
    [InlineData("MaxTextPaths", "0", "Use a whole number of paths from 1 to 10000.")]
    [InlineData("MaxInputSize", "1023", "Use a whole number of characters from 1024 to 16777216.")]
    [InlineData("MaxStateSize", "1", "Use a whole number of characters from 16384 to 67108864.")]
    public async Task A_limit_out_of_its_range_stops_the_start(string setting, string value, string rule)
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(
            () => FlowsHost.Start([new($"Bus:Orchestration:{setting}", value)]));

        Assert.Contains($"Bus:Orchestration:{setting} is '{value}'. {rule}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "specificationId": "a", "trigger": { "id": 1, "id": 2 } }""", "$.trigger.id", "two members of this name")]
    [InlineData("""{ "specificationId": "a", "trigger": ["\u0000"] }""", "$.trigger[0]", "NUL")]
    [InlineData("""{ "specificationId": "a", "trigger": { "s": "\ud83d half" } }""", "$.trigger.s", "half a surrogate pair")]
    public async Task JSON_that_no_later_parser_or_database_takes_is_refused_with_its_path(string body, string path, string message)
    {
        await using var host = await FlowsHost.Start();

        using var answer = await host.Post(body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(message, (await Errors(answer)).GetProperty(path)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(31, HttpStatusCode.Accepted)]
    [InlineData(32, HttpStatusCode.BadRequest)]
    public async Task The_deepest_trigger_that_is_taken_can_be_read_by_the_flow(int depth, HttpStatusCode expected)
    {
        await using var host = await FlowsHost.Start();
        var specification =
            """
            {
              "id": "deep",
              "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "team" } }],
              "bindings": [{ "to": "tell.text", "from": "tenant" }]
            }
            """;

        using var answer = await host.Post($$"""{ "specification": {{specification}}, "trigger": {{Nested(depth)}} }""");

        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.Accepted)
            await Eventually.True(
                async () =>
                {
                    using var flow = await host.Client.GetAsync(answer.Headers.Location, Cancellation);
                    var json = await flow.Content.ReadAsByteArrayAsync(Cancellation);
                    return flow.IsSuccessStatusCode && JsonElement.Parse(json).GetProperty("state").GetString() == "Running";
                },
                TimeSpan.FromSeconds(60), "the flow to run", Cancellation);
    }

    [Fact]
    public async Task Few_of_many_problems_are_told_and_what_was_sent_is_not_told_back_at_length()
    {
        await using var host = await FlowsHost.Start();
        var members = string.Join(',', Enumerable.Range(0, 50_000).Select(number => $"\"x{number}\":1"));

        using var many = await host.Post($"{{{members}}}");
        using var large = await host.Post($$"""{ "{{new string('x', Huge)}}": 1 }""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (many.StatusCode, large.StatusCode));
        Assert.InRange((await many.Content.ReadAsByteArrayAsync(Cancellation)).Length, 1000, 50_000);
        Assert.InRange((await large.Content.ReadAsByteArrayAsync(Cancellation)).Length, 1000, 50_000);
    }

    [Fact]
    public void An_id_ends_where_it_ends()
    {
        var problems = new FlowProblems();
        var json = JsonElement.Parse("""{ "id": "a\n", "steps": [{ "id": "b", "adapter": "http", "input": { "address": "shop" } }] }""");

        Assert.Null(new FlowSpecificationReader(problems, new OrchestrationSettings()).Read(json, "$"));
        Assert.Equal("$.id", Assert.Single(problems.All).Path);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static string TwoSteps =>
        """
        {
          "id": "two",
          "steps": [
            { "id": "a", "adapter": "internal", "input": { "to": "team" } },
            { "id": "b", "adapter": "internal", "input": { "to": "team" } }
          ],
          "bindings": [
            { "to": "a.text", "from": "tenant" },
            { "to": "b.text", "text": "{trigger.number} of {trigger.name}, a text that is somewhat longer than sixty-four, {tenant}!!" }
          ]
        }
        """;

    static string Telling(string kind, string value) =>
        $$"""
        {
          "id": "large",
          "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "team" } }],
          "bindings": [{ "to": "tell.text", "{{kind}}": "{{value}}" }]
        }
        """;

    static string Nested(int depth) => new StringBuilder().Insert(0, "{\"a\":", depth - 1).Append("{}").Append('}', depth - 1).ToString();

    static async Task<JsonElement> Errors(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Cancellation)).GetProperty("errors");
}
