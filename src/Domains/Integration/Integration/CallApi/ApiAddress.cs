using Polly;

namespace MaestroBus.Integration;

/// <summary>One configured API.</summary>
sealed class ApiAddress(string name, AddressSettings settings, TimeProvider time)
{
    readonly Uri _root = RootOf(settings.BaseAddress!);

    /// <summary>The configured name, as the address is known to <see cref="IHttpClientFactory"/> with <see cref="ApiClients.Prefix"/>.</summary>
    public string Name => name;

    public AddressSettings Settings => settings;

    public ResiliencePipeline<ApiResponse> Pipeline { get; } = ApiResilience.For(settings, time);

    /// <summary>The address of a path under the API's root; none for a path that would leave it.</summary>
    public Uri? AddressOf(string path)
    {
        var relative = path.StartsWith('/') ? path[1..] : path;
        var segments = Uri.UnescapeDataString(relative.Split('?', '#')[0]).Replace('\\', '/').Split('/');

        // Appended as text: resolving would let an absolute address or a second slash replace the host.
        return !segments.Contains("..") && !relative.StartsWith('/') && !HasScheme(segments[0]) && !path.Any(char.IsControl)
            && Uri.TryCreate(_root.AbsoluteUri + relative, UriKind.Absolute, out var address)
                ? address
                : null;
    }

    static bool HasScheme(string segment) => segment.EndsWith(':') && Uri.CheckSchemeName(segment[..^1]);

    static Uri RootOf(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
