using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Host.Tests;

/// <summary>Makes requests of the sample webhooks, signed with the secrets for development.</summary>
static class SampleWebhook
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "samples");

    public static TheoryData<string> Files { get; } = [.. List().Select(sample => sample.GetProperty("file").GetString()!)];

    public static HttpRequestMessage Of(string file)
    {
        var sample = List().Single(sample => sample.GetProperty("file").GetString() == file);
        var provider = sample.GetProperty("provider").GetString()!;
        var body = File.ReadAllBytes(Path.Combine(Folder, file));
        var headers = sample.GetProperty("headers").EnumerateObject().Select(header => (header.Name, header.Value.GetString()!));

        return Request(provider, body, [.. headers, Signature(provider, body)]);
    }

    public static HttpRequestMessage Push(string delivery)
    {
        var body = File.ReadAllBytes(Path.Combine(Folder, "github-push.json"));
        return Request("github", body, [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", delivery), Signature("github", body)]);
    }

    public static HttpRequestMessage Order(string id)
    {
        var order = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, "order-placed.json")))!;
        order["id"] = id;
        var body = Encoding.UTF8.GetBytes(order.ToJsonString());
        return Request("orders", body, [Signature("orders", body)]);
    }

    static HttpRequestMessage Request(string provider, byte[] body, IEnumerable<(string Name, string Value)> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{provider}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return request;
    }

    static (string Name, string Value) Signature(string provider, byte[] body)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        return provider switch
        {
            "github" => ("X-Hub-Signature-256", $"sha256={Hex("development-only-github-secret", body)}"),
            "stripe" => ("Stripe-Signature",
                $"t={time},v1={Hex("whsec_development_only_stripe_secret", [.. Encoding.UTF8.GetBytes($"{time}."), .. body])}"),
            _ => ("X-Signature", Hex("development-only-orders-secret", body)),
        };
    }

    static string Hex(string secret, byte[] content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content));

    static List<JsonElement> List() => [.. JsonElement.Parse(File.ReadAllText(Path.Combine(Folder, "webhooks.json"))).EnumerateArray()];
}
