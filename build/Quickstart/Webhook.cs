using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MaestroBus.Quickstart;

/// <summary>A sample webhook, signed as its provider would sign it.</summary>
sealed record Webhook(string Name, string Provider, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    const string DeliveryHeader = "X-GitHub-Delivery";

    /// <summary>Whether it can be sent again as another event: GitHub's events have their id in a header.</summary>
    public bool CanBeRenewed => Headers.ContainsKey(DeliveryHeader);

    public static async Task<IReadOnlyList<Webhook>> ReadAll(Solution solution, CancellationToken cancellationToken)
    {
        using var list = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(solution.Samples, "webhooks.json"), cancellationToken));
        using var settings = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(solution.Host, "appsettings.Development.json"), cancellationToken));
        var providers = settings.RootElement.GetProperty("Bus").GetProperty("Ingress").GetProperty("Providers");
        var webhooks = new List<Webhook>();

        foreach (var sample in list.RootElement.EnumerateArray())
        {
            var provider = sample.GetProperty("provider").GetString()!;
            var body = await File.ReadAllBytesAsync(
                Path.Combine(solution.Samples, sample.GetProperty("file").GetString()!), cancellationToken);
            var headers = sample.GetProperty("headers").EnumerateObject()
                .ToDictionary(header => header.Name, header => header.Value.GetString()!);
            Sign(headers, providers.GetProperty(provider), body);
            webhooks.Add(new Webhook(sample.GetProperty("name").GetString()!, provider, body, headers));
        }

        return webhooks;
    }

    /// <summary>The same event once more, as a new one.</summary>
    public Webhook Renewed(string delivery) =>
        this with { Headers = new Dictionary<string, string>(Headers) { [DeliveryHeader] = delivery } };

    static void Sign(Dictionary<string, string> headers, JsonElement provider, byte[] body)
    {
        var secret = Encoding.UTF8.GetBytes(provider.GetProperty("Secret").GetString()!);

        switch (provider.GetProperty("Scheme").GetString()!.ToLowerInvariant())
        {
            case "github":
                headers["X-Hub-Signature-256"] = $"sha256={Hex(secret, body)}";
                break;
            case "stripe":
                var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
                headers["Stripe-Signature"] = $"t={time},v1={Hex(secret, [.. Encoding.UTF8.GetBytes($"{time}."), .. body])}";
                break;
            default:
                var header = provider.TryGetProperty("SignatureHeader", out var named) ? named.GetString()! : "X-Signature";
                var prefix = provider.TryGetProperty("SignaturePrefix", out var before) ? before.GetString()! : "";
                headers[header] = prefix + Hex(secret, body);
                break;
        }
    }

    static string Hex(byte[] secret, byte[] content) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, content));
}
