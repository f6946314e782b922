using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Alerting;

/// <summary>
/// Posts alerts as JSON. The header <c>X-Signature</c> is <c>sha256=</c> and the HMAC-SHA256, in hex, of the header <c>X-Timestamp</c>
/// (seconds since 1970), a dot and the body.
/// </summary>
sealed class WebhookChannel(IHttpClientFactory clients, AlertSettings settings, RetrySettings retries, TimeProvider time) : IAlertChannel
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "alerts";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly SecretMask _mask = SecretMask.Of([settings.Webhook.Secret]);

    TimeSpan _notBefore;

    public string Name => "webhook";

    public async Task Send(Alert alert, CancellationToken cancellationToken)
    {
        if (_notBefore - time.Monotonic() is { Ticks: > 0 } left)
            throw new DependencyUnavailableException(
                $"The alert's receiver has asked not to be called for another {Math.Ceiling(left.TotalSeconds)} s.");

        var body = JsonSerializer.SerializeToUtf8Bytes(alert, JsonSerializerOptions.Web);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Webhook.Url) { Content = OutgoingHttp.Json(body) };
        request.Headers.Add("X-Timestamp", timestamp);
        request.Headers.Add("X-Signature", $"sha256={Sign(timestamp, body, settings.Webhook.Secret!)}");

        using var client = clients.CreateClient(Client);
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        if (response.IsSuccessStatusCode)
            return;

        var answer = await HttpAnswer.Read(response, settings.Webhook.MaxResponseSize, _mask, time, either.Token);
        if (answer.RetryAfter is { } wanted)
            _notBefore = time.Monotonic() + (wanted < retries.MaxRetryAfter ? wanted : retries.MaxRetryAfter);

        throw new HttpRequestException(
            $"The alert's receiver has answered with {(int)answer.Status}: {answer.Excerpt()}", null, answer.Status);
    }

    static string Sign(string timestamp, byte[] body, string secret)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }
}
