using System.Text;

namespace MaestroBus.Orchestration.Tests;

public sealed class FlowSpecificationTests
{
    const string IdRule =
        "Use 1 to 64 letters, digits, dashes and underscores, beginning with a letter or digit, such as invoice-paid.";

    const string Inside = "Bind the value around it, or make that an object.";

    [Fact]
    public void A_sound_specification_has_no_problems()
    {
        Assert.Equal(
            "",
            ProblemsOf(
                """
                {
                  "id": "order-placed",
                  "tenant": "acme",
                  "trigger": { "provider": "orders", "eventType": "*" },
                  "context": { "limits": { "days": 30 } },
                  "steps": [
                    { "id": "look_up", "adapter": "http", "input": { "address": "shop", "method": "get", "headers": { "X-A": "1" } } },
                    { "id": "tell", "adapter": "email", "input": { "to": "ops@example.com" } }
                  ],
                  "bindings": [
                    { "to": "look_up.path", "text": "/orders/{trigger.order.number}?tenant={tenant}" },
                    { "to": "look_up.body", "from": "trigger" },
                    { "to": "look_up.body.days", "from": "context.limits.days" },
                    { "to": "look_up.headers.X-B", "text": "{{fixed}}" },
                    { "to": "tell.text", "text": "{steps.look_up.body.lines.0.sku}" }
                  ]
                }
                """));
    }

    [Theory]
    [InlineData("7", "$: This is a number. Use an object with id, tenant, trigger, context, steps or bindings.")]
    [InlineData("{}", "$.id: 'id' is missing. Add it.\n$.steps: There are no steps. Add at least one.")]
    [InlineData("""{ "id": "a", "id": "b" }""", "$.id: There are two members of this name. Send one of them.")]
    [InlineData(
        """
        {
          "id": "order placed", "Tenant": 1, "tenant": "a b", "trigger": { "provider": "github", "event": "push" },
          "context": 1, "steps": 2, "bindings": 3
        }
        """,
        $"""
        $.Tenant: 'Tenant' is not known here. Use id, tenant, trigger, context, steps or bindings.
        $.id: 'order placed' is not an id. {IdRule}
        $.tenant: 'a b' is not a tenant's id. Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.
        $.trigger.event: 'event' is not known here. Use provider or eventType.
        $.trigger.eventType: 'eventType' is missing. Add it.
        $.context: The context is no object. Use an object whose members are the constants.
        $.steps: This is a number. Use an array.
        $.bindings: This is a number. Use an array.
        """)]
    public void A_wrong_document_is_described(string json, string problems) => Assert.Equal(problems, ProblemsOf(json));

    [Fact]
    public void Wrong_steps_are_described_all_at_once()
    {
        Assert.Equal(
            $$"""
            $.steps[0].inputs: 'inputs' is not known here. Use id, adapter or input.
            $.steps[1].id: 'a' is the id of another step. Give each step an id of its own.
            $.steps[1].adapter: 'fax' is not an adapter. Use http, email, sms or internal.
            $.steps[2].id: '-' is not an id. {{IdRule}}
            $.steps[2].input: The input is no object. Use an object whose members are the adapter's inputs.
            $.steps[3]: This is a text. Use an object with id, adapter or input.
            $.steps[4].adapter: 'adapter' is missing. Add it.
            $.steps[0].input.address: 'address' is missing. Add it to the input, or bind it to a.address.
            $.steps[2].input.to: 'to' is missing. Add it to the input, or bind it to -.to.
            $.steps[2].input.text: 'text' is missing. Add it to the input, or bind it to -.text.
            $.steps[5].input.adress: 'adress' is not an input of http. Use address, method, path, headers or body.
            $.steps[5].input.address: 'address' is missing. Add it to the input, or bind it to f.address.
            $.steps[5].input.method: 'FETCH' is not a method. Use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT.
            $.steps[5].input.headers: A header is no text. Use an object of texts.
            $.steps[6].input.to: The input 'to' is no text. Use a text.
            """,
            ProblemsOf(
                """
                {
                  "id": "wrong",
                  "steps": [
                    { "id": "a", "adapter": "http", "inputs": {} },
                    { "id": "a", "adapter": "fax" },
                    { "id": "-", "adapter": "sms", "input": [] },
                    "step",
                    { "id": "e" },
                    { "id": "f", "adapter": "http", "input": { "adress": "shop", "method": "FETCH", "headers": { "X-A": 1 } } },
                    { "id": "g", "adapter": "email", "input": { "to": 1, "text": "Hello." } }
                  ]
                }
                """));
    }

    [Fact]
    public void Wrong_bindings_are_described_all_at_once()
    {
        Assert.Equal(
            $$"""
            $.bindings[0]: A binding takes its value from one place. Use either from or text.
            $.bindings[1]: A binding takes its value from one place. Use either from or text.
            $.bindings[2].to: 'tell' names no input. Use the step and the input's path, such as notify.text.
            $.bindings[3].to: 'tel' is not a step. Use look or tell.
            $.bindings[4].from: 'body.total' begins with 'body'. Begin with trigger, context, tenant or steps.
            $.bindings[5].from: 'tell' does not run before 'look'. Read the result of an earlier step, or change their order.
            $.bindings[6].text: 'steps.nothing' names no step. Use steps.look or steps.tell.
            $.bindings[7].from: The context has no 'days.max'. Add it to the context, or correct the path.
            $.bindings[8].from: 'tenant.name' goes on after the tenant's id. Use tenant alone.
            $.bindings[9].from: 'trigger.lines[0]' is not a path. Use one such as trigger.order.lines.0.sku.
            $.bindings[10].text: The brace at position 6 has no counterpart. Close it, or double it to mean the brace itself.
            $.bindings[11].text: '{ }' holds no path. Use one such as {trigger.order.number}, or double the braces to mean themselves.
            $.bindings[12].to: 'look.address.host' lies inside a value that has no members. {{Inside}}
            $.bindings[13].to: 'tell.to' is bound already. Bind it once.
            $.bindings[14].when: 'when' is not known here. Use to, from or text.
            $.bindings[14].to: 'to' is missing. Add it.
            """,
            ProblemsOf(
                """
                {
                  "id": "wrong",
                  "context": { "days": 30 },
                  "steps": [
                    { "id": "look", "adapter": "http", "input": { "address": "shop" } },
                    { "id": "tell", "adapter": "sms", "input": { "text": "Hello." } }
                  ],
                  "bindings": [
                    { "to": "tell.to" },
                    { "to": "look.path", "from": "trigger", "text": "" },
                    { "to": "tell", "from": "trigger" },
                    { "to": "tel.text", "from": "trigger" },
                    { "to": "look.body.a", "from": "body.total" },
                    { "to": "look.body.b", "from": "steps.tell.status" },
                    { "to": "look.body.c", "text": "{steps.nothing}" },
                    { "to": "look.body.d", "from": "context.days.max" },
                    { "to": "look.body.e", "from": "tenant.name" },
                    { "to": "look.body.f", "from": "trigger.lines[0]" },
                    { "to": "look.body.g", "text": "Hello {tenant" },
                    { "to": "look.body.h", "text": "{ }" },
                    { "to": "look.address.host", "from": "trigger" },
                    { "to": "tell.to", "from": "trigger" },
                    { "from": "trigger", "when": "always" }
                  ]
                }
                """));
    }

    [Theory]
    [InlineData(100, "")]
    [InlineData(101, "$.steps: There are 101 steps. Use at most 100, and let one flow's last step start another.")]
    public void A_flow_has_at_most_a_hundred_steps(int count, string problems)
    {
        var steps = Enumerable.Range(1, count)
            .Select(number => $$"""{ "id": "s{{number}}", "adapter": "http", "input": { "address": "shop" } }""");

        Assert.Equal(problems, ProblemsOf($$"""{ "id": "long", "steps": [{{string.Join(',', steps)}}] }"""));
    }

    static string ProblemsOf(string json)
    {
        var problems = new FlowProblems();
        var settings = new OrchestrationSettings();

        var specification = JsonShape.Parse(Encoding.UTF8.GetBytes(json), settings.MaxDepth, problems) is { } document
            ? new FlowSpecificationReader(problems, settings).Read(document, "$")
            : null;

        Assert.Equal(problems.All.Count == 0, specification is not null);
        return string.Join('\n', problems.All.Select(problem => $"{problem.Path}: {problem.Message}"));
    }
}
