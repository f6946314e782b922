namespace MaestroBus.Integration;

/// <summary>Which request headers an address or a flow may set.</summary>
static class ApiHeaders
{
    public const string IdempotencyKey = "Idempotency-Key";

    // The client computes these from the request; a value from outside could only contradict it or smuggle a second request.
    static readonly HashSet<string> Computed = Names(
        "Connection", "Content-Length", "Content-Type", "Expect", "Host", "HTTP2-Settings", IdempotencyKey, "Keep-Alive",
        "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade");

    // What the called server believes of the connection, of a proxy, or of who calls: the configuration says that, never a flow.
    static readonly HashSet<string> Reserved = Names(
        "Api-Key", "Authentication", "Authorization", "CF-Connecting-IP", "Client-IP", "Cookie", "Cookie2", "Fastly-Client-IP", "Forwarded",
        "Front-End-Https",
        "Traceparent", "Tracestate", "True-Client-IP", "Via", "X-Access-Token", "X-Api-Key", "X-Auth-Token", "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Csrf-Token", "X-Functions-Key", "X-Host", "X-Http-Host-Override", "X-Original-Host", "X-Original-URL", "X-ProxyUser-IP",
        "X-Real-IP", "X-Remote-IP",
        "X-Rewrite-URL");

    static readonly string[] ReservedPrefixes = ["Proxy-", "Sec-", "X-Amz-Security-", "X-Envoy-", "X-Forwarded", "X-Original-Forwarded"];

    /// <summary>Tells whether a request can carry a header.</summary>
    public static bool AreValid(string name, string? value)
    {
        using var probe = new HttpRequestMessage();
        return value is not null && !Computed.Contains(Normal(name)) && IsOnOneLine(value)
            && probe.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>Tells whether a header is about the connection, forwarding, cookies or credentials, so that no flow may set it.</summary>
    public static bool AreReserved(string name) =>
        Normal(name) is var normal
            && (Reserved.Contains(normal) || ReservedPrefixes.Any(prefix => normal.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Tells whether a header's value consists of printable ASCII.</summary>
    public static bool IsOnOneLine(string value) => value.All(character => char.IsAscii(character) && !char.IsControl(character));

    // Servers that hand headers on as variables take an underscore for a hyphen.
    static string Normal(string name) => name.Replace('_', '-');

    static HashSet<string> Names(params string[] names) => new(names, StringComparer.OrdinalIgnoreCase);
}
