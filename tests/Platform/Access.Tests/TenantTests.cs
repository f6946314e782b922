using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Access.Tests;

/// <summary>What belongs to a tenant is not found by those who are limited to another one.</summary>
public sealed class TenantTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly WholeHost _host = new("Production", new Dictionary<string, string?>
    {
        ["Bus:Access:Keys:neighbour:Hashes:0"] = ProbeServer.Hash(WholeHost.Key("neighbour")),
        ["Bus:Access:Keys:neighbour:Role"] = "operator",
        ["Bus:Access:Keys:neighbour:Tenants:0"] = "acme",
    });

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_bulk_notification_is_found_by_its_own_tenant_only()
    {
        using var sent = await _host.Send(
            "neighbour", "POST", "/notifications/bulk",
                new { tenant = "acme", channel = "internal", recipients = new[] { "Ada" }, text = "Hello" });
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);

        await Found("neighbour", $"{sent.Headers.Location}");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Send("limited", "GET", $"{sent.Headers.Location}")).StatusCode);
    }

    [Fact]
    public async Task A_bulk_notification_without_a_tenant_is_of_the_only_one_that_its_caller_has()
    {
        using var sent = await _host.Send(
            "neighbour", "POST", "/notifications/bulk", new { channel = "internal", recipients = new[] { "Ada" }, text = "Hello" });
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);

        await Found("neighbour", $"{sent.Headers.Location}");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Send("limited", "GET", $"{sent.Headers.Location}")).StatusCode);
    }

    [Fact]
    public async Task A_flow_is_found_by_its_own_tenant_only()
    {
        using var sent = await _host.Send("operator", "POST", "/flows", new
        {
            specification = new
            {
                id = "hello",
                steps = new[] { new { id = "tell", adapter = "internal",
                    input = new { to = "ops", subject = "Hello", text = "Hello" } } }
            },
            tenant = "acme",
            trigger = new { },
        });
        Assert.True(sent.StatusCode == HttpStatusCode.Accepted, await sent.Content.ReadAsStringAsync(Cancellation));
        var flow = (await sent.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("flowId").GetGuid();

        await Found("neighbour", $"/flows/{flow}");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Send("limited", "GET", $"/flows/{flow}")).StatusCode);
    }

    [Fact]
    public async Task A_journey_is_found_by_its_own_tenant_only()
    {
        var id = NewId.NextGuid();
        await _host.Services.GetRequiredService<IBus>().Publish(
            new SendNotification(NewId.NextGuid(), "acme", "internal", "ops", "Hello", "Hello"),
            publish =>
            {
                publish.ConversationId = id;
                publish.SetTenantId("acme");
            },
            Cancellation);

        await Found("neighbour", $"/journeys/{id}");
        await Found("reader", $"/journeys/{id}");
        Assert.Equal("acme", (await _host.Get("reader", $"/journeys/{id}")).GetProperty("hops")[0].GetProperty("tenant").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Send("limited", "GET", $"/journeys/{id}")).StatusCode);
    }

    Task Found(string caller, string path) => Eventually.True(
        async () => (await _host.Send(caller, "GET", path)).StatusCode == HttpStatusCode.OK, Patience, path, Cancellation);
}
