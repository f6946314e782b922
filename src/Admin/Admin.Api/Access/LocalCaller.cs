using System.Net;

namespace MaestroBus.Admin.Api;

/// <summary>Tells a caller on this machine from one that only comes through it.</summary>
static class LocalCaller
{
    static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    /// <summary>
    /// Whether the caller is a program on this machine: not somebody behind a proxy that runs here, and not a page in a browser that has been made to call this address.
    /// </summary>
    public static bool Is(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && IsLoopback(context.Request.Host.Host)
        && (context.Request.Headers.Origin is not [{ } origin, ..] || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLoopback(page.Host)))
        && !Array.Exists(ProxyHeaders, context.Request.Headers.ContainsKey);

    static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
