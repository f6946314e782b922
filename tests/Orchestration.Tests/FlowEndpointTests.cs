using System.Net;
using System.Text.Json;

namespace MaestroBus.Orchestration.Tests;

public sealed class FlowEndpointTests
{
    const string Specification =
        """
        {
          "id": "greet", "tenant": "initech",
          "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "team", "text": "Hello." } }]
        }
        """;

    [Fact]
    public async Task A_flow_is_accepted_run_and_readable()
    {
        await using var host = await FlowsHost.Start();

        using var accepted = await host.Post($$"""{ "specification": {{Specification}}, "tenant": "acme", "trigger": { "a": 1 } }""");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await Json(accepted)).GetProperty("flowId").GetGuid();
        Assert.Equal($"/flows/{id}", accepted.Headers.Location!.ToString());

        var running = await Eventually(host, id, "Running");
        Assert.Equal(
            ("greet", "acme", "tell", JsonValueKind.Null, JsonValueKind.Null),
            (running.GetProperty("specificationId").GetString(), running.GetProperty("tenant").GetString(),
                running.GetProperty("step").GetString(),
                running.GetProperty("endedAt").ValueKind, running.GetProperty("failure").ValueKind));

        await host.Bus.Bus.Publish(
            new NotificationSent(NewId.NextGuid(), "acme", "internal", "team", id, "tell"), TestContext.Current.CancellationToken);

        var completed = await Eventually(host, id, "Completed");
        Assert.Equal("""{"tell":{"channel":"internal","recipient":"team"}}""", completed.GetProperty("results").GetRawText());
        Assert.Equal(
            ["FlowStarted", "StepStarted", "StepCompleted", "FlowCompleted"],
            completed.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("event").GetString()));
        Assert.Equal("tell", completed.GetProperty("history")[1].GetProperty("step").GetString());
        Assert.True(completed.GetProperty("startedAt").GetDateTimeOffset() <= completed.GetProperty("endedAt").GetDateTimeOffset());
    }

    [Theory]
    [InlineData(""" "tenant": "acme", """, "acme")]
    [InlineData("", "initech")]
    public async Task A_flow_belongs_to_the_requests_tenant_or_the_specifications(string member, string tenant)
    {
        await using var host = await FlowsHost.Start();
        var id = NewId.NextGuid();

        using var accepted = await host.Post($$"""{ {{member}} "flowId": "{{id}}", "specification": {{Specification}} }""");

        Assert.Equal(FlowId.OfRequest(tenant, id), (await Json(accepted)).GetProperty("flowId").GetGuid());
        var start = Assert.Single(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar));
        Assert.Equal((tenant, tenant), (start.Context.Message.TenantId, start.Context.Headers.Get<string>(TenantHeader.Name)));
    }

    [Fact]
    public async Task A_flow_without_any_tenant_belongs_to_the_default_one()
    {
        await using var host = await FlowsHost.Start();

        using var accepted = await host.Post(
            """{ "specification": { "id": "a", "steps": [{ "id": "b", "adapter": "http", "input": { "address": "shop" } }] } }""");

        Assert.Equal("default", Assert.Single(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar)).Context.Message.TenantId);
    }

    [Theory]
    [InlineData("utf-16", "application/json; charset=utf-16", HttpStatusCode.Accepted)]
    [InlineData("iso-8859-1", "application/json; charset=iso-8859-1", HttpStatusCode.Accepted)]
    [InlineData("utf-8", "application/json; charset=klingon", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_request_is_read_in_its_charset(string encoding, string contentType, HttpStatusCode expected)
    {
        await using var host = await FlowsHost.Start();
        var request = $$"""{ "specification": {{Specification}}, "trigger": "Ærø" }""";

        using var answer = await host.Post(System.Text.Encoding.GetEncoding(encoding).GetBytes(request), contentType);

        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.Accepted)
            Assert.Equal(
                "Ærø", Assert.Single(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar)).Context.Message.Trigger?.GetString());
    }

    [Fact]
    public async Task A_loaded_specification_is_listed_and_started_by_its_id()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("greet.json"), Specification, TestContext.Current.CancellationToken);
        await using var host = await FlowsHost.Start([new("Bus:Orchestration:Flows", folder.Path)]);

        var listed = await host.Get("/flows/specifications");
        using var accepted = await host.Post("""{ "specificationId": "greet" }""");

        Assert.Equal("greet", Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("greet", Assert.Single(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar)).Context.Message.Specification.Id);
    }

    [Theory]
    [InlineData("{", "$", "This is not JSON: see line 1, byte ")]
    [InlineData("[]", "$", "This is an array. Use an object with specification, specificationId, tenant, trigger or flowId.")]
    [InlineData("{}", "$", "A request starts one flow. Use either specification or specificationId.")]
    [InlineData(
        """{ "specificationId": "nothing" }""", "$.specificationId", "'nothing' is not loaded. GET /flows/specifications lists what is.")]
    [InlineData("""{ "specificationId": 7 }""", "$.specificationId", "This is a number. Use a text.")]
    [InlineData("""{ "specification": { "id": "a", "steps": [] } }""", "$.specification.steps", "There are no steps. Add at least one.")]
    [InlineData("""{ "specificationId": "a", "tenant": "not one" }""", "$.tenant", "'not one' is not a tenant's id. ")]
    [InlineData("""{ "specificationId": "a", "flowId": "7" }""", "$.flowId",
        "'7' is not a flow's id. Use a UUID that is not all zeros, or leave it out.")]
    [InlineData("""{ "specificationId": "a", "trigers": {} }""", "$.trigers",
        "'trigers' is not known here. Use specification, specificationId, tenant, trigger or flowId.")]
    public async Task A_wrong_request_is_answered_with_what_is_wrong_and_where(string body, string path, string message)
    {
        await using var host = await FlowsHost.Start();

        using var response = await host.Post(body);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"),
            (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith(message, (await Json(response)).GetProperty("errors").GetProperty(path)[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Bus.Published.Select<StartFlow>(FlowScenario.SoFar));
    }

    [Fact]
    public async Task An_unknown_flow_is_not_found()
    {
        await using var host = await FlowsHost.Start();
        var id = NewId.NextGuid();

        using var response = await host.Client.GetAsync($"/flows/{id}", TestContext.Current.CancellationToken);

        Assert.Equal(
            (HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains($"There is no flow {id}.", (await Json(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_database_is_answered_with_503_and_when_to_try_again()
    {
        await using var host = await FlowsHost.Start([new("Bus:Orchestration:PublishTimeout", "50ms")], outbox: true);
        using var busy = await host.Database.Write(TestContext.Current.CancellationToken);

        using var response = await host.Post($$"""{ "specification": {{Specification}} }""");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"),
            (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        await using var host = await FlowsHost.Start([new("Bus:Orchestration:MaxBodySize", "1024")]);

        using var response = await host.Post($$"""{ "trigger": "{{new string('x', 1024)}}", "specification": {{Specification}} }""");

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "application/problem+json"),
            (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    static async Task<JsonElement> Json(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

    static async Task<JsonElement> Eventually(FlowsHost host, Guid id, string state)
    {
        var json = await Maestro.Bus.Testing.Eventually.Some(
            async () =>
            {
                using var response = await host.Client.GetAsync($"/flows/{id}", TestContext.Current.CancellationToken);
                var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                return response.IsSuccessStatusCode && JsonElement.Parse(text).GetProperty("state").GetString() == state ? text : null;
            },
            TimeSpan.FromSeconds(60), $"the flow to be {state}", TestContext.Current.CancellationToken);

        return JsonElement.Parse(json);
    }
}
