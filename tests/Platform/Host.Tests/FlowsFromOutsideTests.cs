using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>What callers and senders from outside can make of flows, on the whole host.</summary>
public sealed class FlowsFromOutsideTests(OutsideHost outside) : IClassFixture<OutsideHost>
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_event_id_of_two_tenants_tells_both()
    {
        var journeys = new List<string>();

        foreach (var (tenant, name) in new[] { ("alpha", "Ann of alpha"), ("beta", "Ann of beta") })
        {
            using var answer = await Send(tenant, $$"""{"id":"1001","type":"contact.created","name":"{{name}}"}""");
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            journeys.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("journey").GetString()!);
        }

        Assert.NotEqual(journeys[0], journeys[1]);
        foreach (var tenant in new[] { "alpha", "beta" })
            await Eventually.True(
                async () =>
                {
                    var answer = await outside.Host.Client.GetFromJsonAsync<JsonElement>($"/notifications?tenant={tenant}", Cancellation);
                    var notifications = answer.GetProperty("notifications");
                    return notifications.GetArrayLength() == 1 && $"{notifications}".Contains($"Ann of {tenant}", StringComparison.Ordinal);
                },
                Limit, $"the notification of {tenant}", Cancellation);
    }

    [Fact]
    public async Task A_client_cannot_have_the_host_call_itself()
    {
        const string own =
            """
            {
              "id": "own",
              "steps": [
                { "id": "who", "adapter": "http", "input": { "address": "analytics", "path": "/admin/caller" } },
                { "id": "delete", "adapter": "http", "input": { "address": "analytics", "method": "DELETE", "path": "/admin/schedules/x" } }
              ]
            }
            """;

        using var answer = await Start($$"""{ "tenant": "acme", "specification": {{own}} }""", OutsideHost.ClientKey);
        using var unknown = await Start("""{ "specificationId": "order-placed" }""", null);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (answer.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task A_clients_flow_of_a_loaded_specification_runs_and_its_result_holds_no_key()
    {
        using var answer = await Start(
            """
            {
              "specificationId": "order-placed",
              "trigger": { "order": { "number": "A-1", "customer": { "name": "Ada", "email": "ada@example.com" } } }
            }
            """,
            OutsideHost.ClientKey);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);

        var flow = await Eventually.Some(
            async () =>
            {
                using var found = await Get(answer.Headers.Location!.ToString(), OutsideHost.ClientKey);
                var text = await found.Content.ReadAsStringAsync(Cancellation);
                return found.IsSuccessStatusCode && State(text) is "Completed" or "Failed" ? text : null;
            },
            Limit, "the flow to end", Cancellation);

        Assert.Equal(("Completed", "acme"), (State(flow), JsonElement.Parse(flow).GetProperty("tenant").GetString()));
        Assert.DoesNotContain(outside.Host.ReaderKey, flow, StringComparison.Ordinal);

        using var foreign = await Get(answer.Headers.Location!.ToString(), OutsideHost.OtherKey);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    [Theory]
    [InlineData("""{"id":1,"id":2,"type":"contact.created","name":"#1"}""", "$.id")]
    [InlineData("""{"id":1,"type":"contact.created","name":"\u0000"}""", "$.name")]
    public async Task A_genuine_webhook_that_cannot_be_carried_is_refused_with_the_path(string body, string path)
    {
        using var answer = await Send("alpha", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(path, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString());
    }

    static string? State(string flow) => JsonElement.Parse(flow).GetProperty("state").GetString();

    async Task<HttpResponseMessage> Send(string tenant, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/crm") { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Gateway-Tenant", tenant);
        request.Headers.Add(
            "X-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(OutsideHost.CrmSecret), bytes)));
        return await outside.Anonymous.SendAsync(request, Cancellation);
    }

    async Task<HttpResponseMessage> Start(string json, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null)
            request.Headers.Add("X-Api-Key", key);
        return await outside.Anonymous.SendAsync(request, Cancellation);
    }

    async Task<HttpResponseMessage> Get(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Api-Key", key);
        return await outside.Anonymous.SendAsync(request, Cancellation);
    }
}

/// <summary>A host behind a gateway that names the tenants of webhooks, with two clients.</summary>
public sealed class OutsideHost : IDisposable
{
    public const string CrmSecret = "the secret of the crm";
    public const string ClientKey = "the-key-of-a-client-of-acme";
    public const string OtherKey = "the-key-of-a-client-of-globex";

    readonly TemporaryFolder _flows = new();

    public OutsideHost()
    {
        File.WriteAllText(
            _flows.At("contact-created.json"),
            """
            {
              "id": "contact-created",
              "trigger": { "provider": "crm", "eventType": "contact.created" },
              "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "sales" } }],
              "bindings": [{ "to": "tell.text", "from": "trigger.name" }]
            }
            """);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "flows", "order-placed.json"), _flows.At("order-placed.json"));

        Host = new BusHost(new Dictionary<string, string>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Orchestration:Flows"] = _flows.Path,
            ["Bus:Access:Proxies:0"] = "127.0.0.1",
            ["Bus:Access:Keys:shop:Key"] = ClientKey,
            ["Bus:Access:Keys:shop:Role"] = "client",
            ["Bus:Access:Keys:shop:Tenants:0"] = "acme",
            ["Bus:Access:Keys:other:Key"] = OtherKey,
            ["Bus:Access:Keys:other:Role"] = "client",
            ["Bus:Access:Keys:other:Tenants:0"] = "globex",
            ["Bus:Ingress:Providers:crm:Scheme"] = "hmac",
            ["Bus:Ingress:Providers:crm:Secret"] = CrmSecret,
            ["Bus:Ingress:Providers:crm:TenantHeader"] = "X-Gateway-Tenant",
            ["Bus:Ingress:Providers:crm:EventIdField"] = "id",
            ["Bus:Ingress:Providers:crm:EventTypeField"] = "type",
        });
        Anonymous = new HttpClient { BaseAddress = Host.Client.BaseAddress };
    }

    public BusHost Host { get; }

    /// <summary>Calls the host without a key.</summary>
    public HttpClient Anonymous { get; }

    public void Dispose()
    {
        Anonymous.Dispose();
        Host.Dispose();
        _flows.Dispose();
    }
}
