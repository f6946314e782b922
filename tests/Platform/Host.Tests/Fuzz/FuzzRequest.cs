using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Maestro.Bus.Host.Tests;

/// <summary>One request as bytes.</summary>
/// <param name="Number">The number that it is made of, with the seed of the run.</param>
/// <param name="Head">Request line and headers.</param>
/// <param name="Bytes">Everything that is sent.</param>
/// <param name="Method">Its method: an answer to HEAD has no body.</param>
/// <param name="EndsEarly">Whether the sender stops before it has sent what it has announced.</param>
sealed record FuzzRequest(int Number, string Head, byte[] Bytes, string Method, bool EndsEarly)
{
    static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND",
        "G E T", "\u00ffX", ""];
    static readonly string[] Versions = ["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1 x", "http/1.1", "", "HTTP/1.", "RTSP/1.0"];
    static readonly string[] ContentTypes =
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/json; charset=\"utf-8\"", "application/problem+json", "json", "", "application/json;;;=",
        "application/vnd.masstransit+json",
    ];

    static readonly string[] Parameters =
    [
        "limit", "page", "tenant", "state", "queue", "type", "reason", "text", "from", "before", "to", "by", "count", "after", "batch",
        "parent", "fingerprint",
        "exceptionType", "messageType", "messageId", "all", "LIMIT", "x", "",
    ];

    static readonly string[] Headers =
    [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "X-Forwarded-For", "X-Forwarded-Proto",
        "X-Api-Key", "Authorization", "Origin",
        "Sec-Fetch-Site", "Accept", "Accept-Encoding", "Content-Encoding", "Cookie", "Range", "If-Match", "traceparent", "tracestate",
        "baggage", "Request-Id",
        "Idempotency-Key", "X-Http-Method-Override", "tenant-id", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256",
        "Stripe-Signature", "X-Signature", "Referer",
        "Te", "Trailer", ":authority", "X Y", "X-\u00ff",
    ];

    public static FuzzRequest Make(int seed, int number, IReadOnlyList<FuzzRoute> routes, IReadOnlyList<string> keys)
    {
        var values = new FuzzValues(new Random(Hash(seed, number)));
        var route = values.Of(routes);
        var method = values.OneIn(8) ? values.Of(Methods) : values.Of(route.Methods);
        var target = values.OneIn(25) ? Strange(values) : Path(route, values) + Query(values);
        var hasBody = values.OneIn(12) || method is "POST" or "PUT" or "PATCH";
        var body = hasBody ? FuzzBodies.For(route.ToString(), values) : [];

        var head = new StringBuilder($"{method} {target} {(values.OneIn(40) ? values.Of(Versions) : "HTTP/1.1")}\r\n");
        if (!values.OneIn(40))
            head.Append("Host: localhost\r\n");
        if (keys.Count > 0 && !values.OneIn(10))
            head.Append(CultureInfo.InvariantCulture, $"X-Api-Key: {values.Of(keys)}\r\n");
        if (hasBody && !values.OneIn(15))
            head.Append("Content-Type: ").Append(values.OneIn(10) ? values.Of(ContentTypes) : "application/json").Append("\r\n");
        if (route.ToString() == "/webhooks/{provider}" && !values.OneIn(10))
            Sign(head, target, body, values);
        for (var others = values.OneIn(3) ? values.Random.Next(1, 4) : 0; others > 0; others--)
            head.Append(CultureInfo.InvariantCulture, $"{values.Of(Headers)}: {Header(values)}\r\n");
        if (values.OneIn(100))
            head.Append(string.Concat(Enumerable.Range(0, values.Of(50, 150, 1_500)).Select(line => $"X-{line}: {line}\r\n")));

        var (framed, endsEarly) = Frame(head, body, hasBody, values);
        var text = head.Append("\r\n").ToString();
        return new FuzzRequest(number, text, [.. Encoding.Latin1.GetBytes(text), .. framed], method, endsEarly);
    }

    // HashCode differs from process to process.
    static int Hash(int seed, int number) => unchecked((seed * 486187739) + (number * 16777619));

    static (byte[] Body, bool EndsEarly) Frame(StringBuilder head, byte[] body, bool hasBody, FuzzValues values)
    {
        if (!hasBody)
            return ([], false);

        switch (values.Random.Next(12))
        {
            case 0:
                head.Append("Transfer-Encoding: chunked\r\n");
                return (Chunked(body, values), false);
            case 1:
                head.Append("Transfer-Encoding: chunked\r\n");
                var size = values.Of("zz\r\n", "-1\r\n", "ffffffffffffffff\r\n", "5;ext=\"\r\n", "0\r\nX: y\r\n");
                return ([.. Encoding.Latin1.GetBytes(size), .. body], true);
            case 2:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + values.Of(1, 10, 1_000_000_000)}\r\n");
                return (body, true);
            case 3 when body.Length > 0:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {values.Random.Next(body.Length)}\r\n");
                return (body, true);
            case 4:
                var length = values.Of("-1", "x", "1e3", "99999999999999999999", "+5", "0x10", "5, 5");
                head.Append("Content-Length: ").Append(length).Append("\r\n");
                return (body, true);
            case 5 when values.OneIn(2):
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nTransfer-Encoding: chunked\r\n");
                return (body, true);
            case 6 when values.OneIn(3):
                // Without any length.
                return (body, true);
            case 7:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nExpect: 100-continue\r\n");
                return (body, false);
            default:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
                return (body, false);
        }
    }

    static byte[] Chunked(byte[] body, FuzzValues values)
    {
        var size = values.Of(1, 7, 100, 100_000);
        if (body.Length / size > 2_000)
            size = body.Length;
        using var chunks = new MemoryStream();
        foreach (var chunk in body.Chunk(size))
        {
            chunks.Write(Encoding.Latin1.GetBytes($"{chunk.Length:x}\r\n"));
            chunks.Write(chunk);
            chunks.Write("\r\n"u8);
        }

        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    static string Path(FuzzRoute route, FuzzValues values) => route.Pattern.PathSegments.Count == 0 ? "/" : string.Concat(
        route.Pattern.PathSegments.Select(segment => "/" + string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => Parameter(parameter, values),
            _ => "",
        }))))
        + (values.OneIn(30)
            ? values.Of("/", "//", "/..", "/%2e%2e/", "%00", "%0a" + FuzzValues.Forged, "/x", ";", "?", "%e2%80%ae", ".json")
            : "");

    static string Parameter(RoutePatternParameterPart parameter, FuzzValues values) => values.OneIn(6)
        ? values.Escaped(values.Text())
        : parameter.Name switch
        {
            "provider" => values.Of("github", "stripe", "orders", "Orders"),
            "name" => values.Of("usage-report.acme", "SendBulk", "usage-report.globex"),
            "documentName" => "admin",
            _ when parameter.ParameterPolicies.Any(policy => policy.Content == "long") => values.Of("0", "1", "2", "5", "-1",
                "9223372036854775807", "9223372036854775808"),
            _ => values.Of("0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11", "00000000-0000-0000-0000-000000000000", Deterministic(values)),
        };

    static string Deterministic(FuzzValues values) => new Guid(values.Bytes(16)).ToString();

    static string Query(FuzzValues values)
    {
        if (values.OneIn(2))
            return "";

        var parameters = Enumerable.Range(0, values.Random.Next(1, 4))
            .Select(_ => (values.OneIn(10) ? values.Escaped(values.Text()) : values.Of(Parameters))
                + values.Of("=", "=", "=", "") + values.Escaped(values.Text()));
        return "?" + string.Join(values.Of("&", "&", "&&", ";"), parameters);
    }

    static string Strange(FuzzValues values) => values.Of(
        "*", "http://localhost/domains", "http://[::1/domains", "localhost:80", "//domains",
        "/" + new string('a', values.Of(7_000, 9_000, 20_000)), "/%", "/%00", "\\domains",
        "domains", "/\u00ff\u00fe", "/domains#x", "/?" + new string('&', 5_000), "/" + string.Concat(Enumerable.Repeat("a/", 2_000)),
        "/domains\u0001", "/openapi/admin.json");

    static string Header(FuzzValues values) => values.Random.Next(6) switch
    {
        0 => new string('h', values.Of(100, 8_000, 33_000, 70_000)),
        1 => Encoding.Latin1.GetString(values.Bytes(20)).Replace('\r', ' ').Replace('\n', ' '),
        2 => values.Of("chunked", "close", "keep-alive", "gzip", "127.0.0.1", "null", "http://evil.example", "cross-site", "h2c",
            "bytes=0-", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        _ => values.Text().Replace('\r', ' ').Replace('\n', ' '),
    };

    // With the secrets for development, as what a signature does not cover is read by nobody.
    static void Sign(StringBuilder head, string target, byte[] body, FuzzValues values)
    {
        if (target.StartsWith("/webhooks/stripe", StringComparison.Ordinal))
        {
            var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var signed = (byte[])[.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{time}.")), .. body];
            var signature = Hmac("whsec_development_only_stripe_secret", signed);
            head.Append(CultureInfo.InvariantCulture, $"Stripe-Signature: t={time},v1={signature}\r\n");
        }
        else if (target.StartsWith("/webhooks/github", StringComparison.Ordinal))
        {
            head.Append(CultureInfo.InvariantCulture, $"X-Hub-Signature-256: sha256={Hmac("development-only-github-secret", body)}\r\n");
            head.Append(CultureInfo.InvariantCulture, $"X-GitHub-Event: {(values.OneIn(5) ? Header(values) : "push")}\r\n");
            head.Append(
                CultureInfo.InvariantCulture, $"X-GitHub-Delivery: {(values.OneIn(5) ? Header(values) : values.Random.Next())}\r\n");
        }
        else
        {
            head.Append(CultureInfo.InvariantCulture, $"X-Signature: {Hmac("development-only-orders-secret", body)}\r\n");
        }
    }

    static string Hmac(string secret, byte[] content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content));
}
