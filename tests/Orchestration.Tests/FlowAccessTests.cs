using System.Net;
using System.Text.Json;

namespace MaestroBus.Orchestration.Tests;

/// <summary>Who may start and see which flows.</summary>
public sealed class FlowAccessTests : IAsyncLifetime
{
    const string Steps = """ "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "team", "text": "Hello." } }] """;

    readonly TemporaryFolder _folder = new();
    FlowsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        foreach (var (id, tenant) in new[] { ("greet", null), ("acmes", "acme"), ("webhook", null as string) })
            await File.WriteAllTextAsync(
                _folder.At($"{id}.json"),
                $$"""
                {
                  "id": "{{id}}",
                  {{(tenant is null ? "" : $"\"tenant\": \"{tenant}\",")}}
                  {{(id == "webhook" ? """ "trigger": { "provider": "orders", "eventType": "placed" }, """ : "")}}
                  {{Steps}}
                }
                """);

        _host = await FlowsHost.Start([new("Bus:Orchestration:Flows", _folder.Path)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Operator *", HttpStatusCode.Accepted)]
    [InlineData("Admin *", HttpStatusCode.Accepted)]
    [InlineData("Admin acme", HttpStatusCode.Forbidden)]
    [InlineData("Operator acme", HttpStatusCode.Forbidden)]
    [InlineData("Client acme", HttpStatusCode.Forbidden)]
    [InlineData("Client *", HttpStatusCode.Forbidden)]
    [InlineData("Reader acme", HttpStatusCode.Forbidden)]
    public async Task A_specification_of_the_callers_own_needs_an_operator_of_all_tenants(string caller, HttpStatusCode expected)
    {
        using var answer = await _host.Post($$"""{ "tenant": "acme", "specification": { "id": "own", {{Steps}} } }""", caller);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.Accepted ? 1 : 0, Started().Count);
        if (caller.StartsWith("Client", StringComparison.Ordinal))
            Assert.Contains("needs the role operator", await Detail(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Client acme", "acme", "acme")]
    [InlineData("Client acme", null, "acme")]
    [InlineData("Client acme globex", "globex", "globex")]
    [InlineData("Client *", "globex", "globex")]
    [InlineData("Operator acme", null, "acme")]
    [InlineData("Client default acme", null, "default")]
    [InlineData("Client acme", "globex", null)]
    [InlineData("Client acme globex", null, null)]
    [InlineData("Operator acme", "globex", null)]
    [InlineData("Client acme", "Acme", null)]
    public async Task A_flow_is_started_for_a_tenant_of_the_caller(string caller, string? named, string? expected)
    {
        var member = named is null ? "" : $"\"tenant\": \"{named}\",";

        using var answer = await _host.Post($$"""{ {{member}} "specificationId": "greet" }""", caller);

        Assert.Equal(expected is null ? HttpStatusCode.Forbidden : HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(expected is null ? [] : [expected], Started().Select(start => start.TenantId));
        if (expected is null)
            Assert.Contains($"'{named ?? "default"}'", await Detail(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Client globex", HttpStatusCode.BadRequest)]
    [InlineData("Client acme", HttpStatusCode.Accepted)]
    public async Task A_specification_of_a_tenant_is_startable_and_listed_for_its_callers_only(string caller, HttpStatusCode expected)
    {
        using var answer = await _host.Post($$"""{ "tenant": "{{caller.Split(' ')[1]}}", "specificationId": "acmes" }""", caller);
        using var listed = await _host.Send(HttpMethod.Get, "/flows/specifications", caller);

        Assert.Equal(expected, answer.StatusCode);
        var ids = (await Json(listed)).EnumerateArray().Select(specification => specification.GetProperty("id").GetString());
        Assert.Equal(expected == HttpStatusCode.Accepted ? ["acmes", "greet", "webhook"] : ["greet", "webhook"], ids);
    }

    [Theory]
    [InlineData("Client acme globex", "globex")]
    [InlineData("Client *", "globex")]
    [InlineData("Operator *", "Acme")]
    [InlineData("Admin *", "globex")]
    public async Task A_specification_of_a_tenant_runs_for_no_other_whoever_starts_it(string caller, string tenant)
    {
        using var answer = await _host.Post($$"""{ "tenant": "{{tenant}}", "specificationId": "acmes" }""", caller);
        using var unnamed = await _host.Post("""{ "specificationId": "acmes" }""", caller);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(
            $"'acmes' is for the tenant 'acme', not for '{tenant}'. Leave tenant out.",
            (await Json(answer)).GetProperty("errors").GetProperty("$.tenant")[0].GetString());
        Assert.Equal(HttpStatusCode.Accepted, unnamed.StatusCode);
        Assert.Equal(["acme"], Started().Select(start => start.TenantId));
    }

    [Fact]
    public async Task A_flow_is_shown_to_callers_of_its_tenant_and_unknown_to_others()
    {
        using var accepted = await _host.Post("""{ "specificationId": "greet", "tenant": "acme" }""");
        var path = accepted.Headers.Location!.ToString();
        await Eventually.True(
            async () => (await Status(path, "Reader acme")) == HttpStatusCode.OK,
            TimeSpan.FromSeconds(60), "the flow", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, await Status(path, "Client acme globex"));
        Assert.Equal(HttpStatusCode.OK, await Status(path, "Operator *"));
        Assert.Equal(HttpStatusCode.NotFound, await Status(path, "Reader globex"));
        Assert.Equal(HttpStatusCode.NotFound, await Status(path, "Admin globex"));

        // The answer does not tell that there is such a flow.
        using var foreign = await _host.Send(HttpMethod.Get, path, "Client globex");
        using var unknown = await _host.Send(HttpMethod.Get, $"/flows/{Guid.Empty}", "Client globex");
        Assert.Equal(
            (await Detail(unknown)).Replace($"{Guid.Empty}", path[7..], StringComparison.Ordinal), await Detail(foreign));
    }

    [Fact]
    public async Task The_same_id_of_two_tenants_starts_two_flows_and_each_once()
    {
        var id = NewId.NextGuid();
        var answers = new List<Guid>();

        foreach (var tenant in new[] { "acme", "globex", "acme" })
        {
            using var answer = await _host.Post($$"""{ "specificationId": "greet", "flowId": "{{id}}" }""", $"Client {tenant}");
            answers.Add((await Json(answer)).GetProperty("flowId").GetGuid());
        }

        Assert.Equal(answers[0], answers[2]);
        Assert.NotEqual(answers[0], answers[1]);
        Assert.DoesNotContain(id, answers);
    }

    [Fact]
    public async Task A_caller_cannot_take_the_place_of_a_webhooks_flow()
    {
        var webhooks = FlowId.OfWebhook("acme", "orders", "webhook-17", "webhook");

        using var answer = await _host.Post($$"""{ "specificationId": "greet", "flowId": "{{webhooks}}" }""", "Client acme");
        await _host.Bus.Bus.Publish(
            new WebhookAccepted("webhook-17", "orders", "placed", "acme", DateTimeOffset.UnixEpoch, JsonElement.Parse("{}")),
            TestContext.Current.CancellationToken);

        await Eventually.True(
            async () =>
            {
                using var flow = await _host.Send(HttpMethod.Get, $"/flows/{webhooks}", "Reader acme");
                return flow.StatusCode == HttpStatusCode.OK && (await Json(flow)).GetProperty("specificationId").GetString() == "webhook";
            },
            TimeSpan.FromSeconds(60), "the webhook's flow", TestContext.Current.CancellationToken);
    }

    IReadOnlyList<StartFlow> Started() =>
        [.. _host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar).Select(start => start.Context.Message)];

    async Task<HttpStatusCode> Status(string path, string caller)
    {
        using var answer = await _host.Send(HttpMethod.Get, path, caller);
        return answer.StatusCode;
    }

    static async Task<string> Detail(HttpResponseMessage answer) => (await Json(answer)).GetProperty("detail").GetString()!;

    static async Task<JsonElement> Json(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
}
