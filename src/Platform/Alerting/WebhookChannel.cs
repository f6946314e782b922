using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MaestroBus.Alerting;

/// <summary>
/// Posts alerts as JSON. The header <c>X-Signature</c> is <c>sha256=</c> and the HMAC-SHA256, in hex, of the header <c>X-Timestamp</c> (seconds since 1970), a dot and the body.
/// </summary>
sealed class WebhookChannel(IHttpClientFactory clients, AlertSettings settings, TimeProvider time) : IAlertChannel
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "alerts";

    public string Name => "webhook";

    public async Task Send(Alert alert, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(alert, JsonSerializerOptions.Web);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Timestamp", timestamp);
        request.Headers.Add("X-Signature", $"sha256={Sign(timestamp, body, settings.Webhook.Secret!)}");

        using var client = clients.CreateClient(Client);
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    static string Sign(string timestamp, byte[] body, string secret)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }
}
