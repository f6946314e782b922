using System.Text.Json;

namespace MaestroBus.Orchestration.Tests;

public sealed class FlowBindingTests
{
    const string Trigger =
        """
        {
          "order": {
            "number": 17, "customer": { "name": "A/B & C" }, "note": null, "paid": true, "lines": [{ "sku": "X1" }, { "sku": "Y2" }]
          }
        }
        """;

    [Theory]
    [InlineData("from", "trigger.order.number", "17")]
    [InlineData("from", "trigger.order.customer", """{"name":"A/B & C"}""")]
    [InlineData("from", "trigger.order.lines.1.sku", "\"Y2\"")]
    [InlineData("from", "trigger.order.paid", "true")]
    [InlineData("from", "trigger.order.note", "null")]
    [InlineData("from", "context.limits.days", "30")]
    [InlineData("from", "tenant", "\"acme\"")]
    [InlineData("text", "{tenant}: {trigger.order.number} of {trigger.order.customer.name}", "\"acme: 17 of A/B & C\"")]
    [InlineData("text", "{trigger.order.lines.0}, {trigger.order.paid}, [{trigger.order.note}]",
        """ "{\u0022sku\u0022:\u0022X1\u0022}, true, []" """)]
    [InlineData("text", "{{{trigger.order.number}}}", "\"{17}\"")]
    [InlineData("text", "", "\"\"")]
    public async Task A_binding_puts_a_value_into_the_input(string kind, string source, string expected)
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(
            $$"""
            {
              "id": "order",
              "context": { "limits": { "days": 30 } },
              "steps": [{ "id": "call", "adapter": "http", "input": { "address": "shop", "body": { "kept": 1, "value": "replaced" } } }],
              "bindings": [{ "to": "call.body.value", "{{kind}}": {{JsonSerializer.Serialize(source)}} }]
            }
            """,
            Trigger);

        var call = await flow.Called("call");
        Assert.Equal("POST", call.Method);
        AssertJson($$"""{ "kept": 1, "value": {{expected}} }""", call.Body!.Value);
    }

    [Fact]
    public async Task A_step_reads_the_results_of_earlier_steps()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(
            """
            {
              "id": "order",
              "steps": [
                { "id": "lookup", "adapter": "http", "input": { "address": "shop" } },
                { "id": "tell", "adapter": "sms", "input": { "to": "+4930000" } },
                { "id": "report", "adapter": "http", "input": { "address": "shop", "method": "put", "headers": { "X-Fixed": "1" } } }
              ],
              "bindings": [
                { "to": "tell.text", "text": "{steps.lookup.status}: {steps.lookup.body.items.0.title}" },
                { "to": "report.path", "text": "/reports/{steps.tell.recipient}?by={steps.lookup.body.items.0.title}" },
                { "to": "report.headers.X-Channel", "from": "steps.tell.channel" },
                { "to": "report.body", "from": "steps.lookup.body" }
              ]
            }
            """);
        await flow.Called("lookup");
        await flow.Answer("lookup", """{ "items": [{ "title": "../tent & mat" }] }""", 203);

        var notification = await flow.Notified("tell");
        Assert.Equal(("sms", "203: ../tent & mat"), (notification.Channel, notification.Text));

        await flow.Publish(new NotificationSent(notification.NotificationId, "acme", "sms", "+4930000", flow.FlowId, "tell"));

        var report = await flow.Called("report");
        Assert.Equal(("put", "/reports/%2B4930000?by=..%2Ftent%20%26%20mat"), (report.Method, report.Path));
        Assert.Equal([("X-Channel", "sms"), ("X-Fixed", "1")], report.Headers!.Select(header => (header.Key, header.Value)).Order());
        AssertJson("""{ "items": [{ "title": "../tent & mat" }] }""", report.Body!.Value);
    }

    [Theory]
    [InlineData("to", "trigger.order.nothing",
        "There is nothing at 'trigger.order.nothing'. Correct the path in the specification, or start the flow with what it names.")]
    [InlineData("to", "trigger.order.lines.2",
        "There is nothing at 'trigger.order.lines.2'. Correct the path in the specification, or start the flow with what it names.")]
    [InlineData("to", "trigger.order.note", "The input 'to' is empty. Bind a text to it.")]
    [InlineData("to", "trigger.order.lines", "The input 'to' is no text. Bind a single value to it.")]
    public async Task A_value_that_is_not_there_fails_the_flow_with_the_reason(string input, string path, string reason)
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(
            $$"""
            {
              "id": "order",
              "steps": [{ "id": "tell", "adapter": "internal", "input": { "text": "An order." } }],
              "bindings": [{ "to": "tell.{{input}}", "from": "{{path}}" }]
            }
            """,
            Trigger);

        Assert.Equal(new FlowFailed(flow.FlowId, "order", "acme", "tell", reason), await flow.Published<FlowFailed>());
        Assert.Equal("tell", (await flow.In("Failed")).Step);
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task A_later_steps_missing_value_fails_the_flow_after_the_earlier_steps()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(
            """
            {
              "id": "order",
              "steps": [
                { "id": "lookup", "adapter": "http", "input": { "address": "shop" } },
                { "id": "tell", "adapter": "internal", "input": { "to": "team" } }
              ],
              "bindings": [{ "to": "tell.text", "text": "{steps.lookup.body.total}" }]
            }
            """);
        await flow.Called("lookup");
        await flow.Answer("lookup");

        var failed = await flow.Published<FlowFailed>();
        Assert.Equal(
            ("tell",
                "There is nothing at 'steps.lookup.body.total'. Correct the path in the specification, or start the flow with what "
                    + "it names."), (failed.StepId, failed.Reason));
        Assert.Equal(
            [("lookup", "StepStarted"), ("lookup", "StepCompleted"), ("tell", "StepFailed")],
            (await flow.In("Failed")).History.Where(entry => entry.Step is not null).Select(entry => (entry.Step!, entry.Event)));
    }

    static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), $"{actual.GetRawText()} is not {expected}");
}
