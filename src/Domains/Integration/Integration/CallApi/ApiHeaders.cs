namespace MaestroBus.Integration;

/// <summary>Which request headers an address or a flow may set.</summary>
static class ApiHeaders
{
    public const string IdempotencyKey = "Idempotency-Key";

    // The client computes these from the request; a value from outside could only contradict it or smuggle a second request.
    static readonly HashSet<string> Computed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Content-Type", "Expect", "Host", IdempotencyKey, "Keep-Alive",
        "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    public static bool AreValid(string name, string value)
    {
        using var probe = new HttpRequestMessage();
        return !Computed.Contains(name) && !value.Any(char.IsControl) && value.All(char.IsAscii) && probe.Headers.TryAddWithoutValidation(name, value);
    }
}
