using Microsoft.AspNetCore.Http.Features;

namespace Maestro.Bus.Access;

/// <summary>What a browser has to show that it does not act for a page of another origin.</summary>
sealed class BrowserRules(AccessSettings settings)
{
    const string SecFetchSite = "Sec-Fetch-Site";

    readonly HashSet<string> _origins = new(settings.Origins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Tells whether a text is an origin: scheme, host and port, without a path.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo == "";

    /// <summary>Tells whether a request comes from a page of another origin that is not configured.</summary>
    public bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count > 0)
            return origin.Count > 1 || (!_origins.Contains(origin[0]!) && !IsOwn(origin[0]!, request));

        return request.Headers[SecFetchSite] is { Count: > 0 } site && site is not ["same-origin" or "none"];
    }

    /// <summary>Tells whether a request changes something with a body that is not JSON: what a form of any page can send.</summary>
    public static bool LacksJson(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method)
        && (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength is not 0)
        && !request.HasJsonContentType();

    static bool IsOwn(string origin, HttpRequest request) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
}
