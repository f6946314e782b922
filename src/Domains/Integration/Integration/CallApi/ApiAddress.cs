using Polly;

namespace MaestroBus.Integration;

/// <summary>One configured API.</summary>
sealed class ApiAddress(string name, AddressSettings settings, ApiKey key, TimeProvider time)
{
    // Proxies and servers each decode a path; none of them decodes it more often.
    const int MostEncodings = 4;

    readonly Uri _root = RootOf(settings.BaseAddress!);

    /// <summary>
    /// The configured name, as the address is known to <see cref="IHttpClientFactory"/> with <see cref="ApiClients.Prefix"/>.
    /// </summary>
    public string Name => name;

    public AddressSettings Settings => settings;

    public ResiliencePipeline<HttpAnswer> Pipeline { get; } = ApiResilience.For(settings, time);

    /// <summary>Gets the headers that every call carries, and what masks their values.</summary>
    /// <exception cref="ApiUnavailableException">The key's file cannot be read.</exception>
    public ValueTask<ApiCredentials> Credentials(CancellationToken cancellationToken) => key.Credentials(cancellationToken);

    /// <summary>Gets the address of a path under the API's root, or null for a path that would leave it.</summary>
    public Uri? AddressOf(string path)
    {
        var relative = path.StartsWith('/') ? path[1..] : path;

        // Appended as text: resolving would let an absolute address or a second slash replace the host.
        return !relative.StartsWith('/') && !path.Any(char.IsControl) && !Climbs(relative.Split('?', '#')[0])
            && Uri.TryCreate(_root.AbsoluteUri + relative, UriKind.Absolute, out var address) && IsUnderRoot(address)
                ? address
                : null;
    }

    bool IsUnderRoot(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.UserInfo, UriFormat.UriEscaped)
            == _root.GetComponents(UriComponents.SchemeAndServer | UriComponents.UserInfo, UriFormat.UriEscaped)
        && address.AbsolutePath.StartsWith(_root.AbsolutePath, StringComparison.Ordinal);

    // Whether a server that decodes the path, takes a backslash for a slash, or drops what follows a semicolon, would see it leave the
    // root.
    static bool Climbs(string path)
    {
        for (var round = 0; round < MostEncodings; round++)
        {
            var segments = path.Replace('\\', '/').Split('/');
            if (segments.Any(segment => segment.Split(';')[0].Trim() is ".." or ".") || HasScheme(segments[0]))
                return true;

            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
                return path.StartsWith('/') || path.Any(char.IsControl);

            path = decoded;
        }

        return true;
    }

    static bool HasScheme(string segment) => segment.EndsWith(':') && Uri.CheckSchemeName(segment[..^1]);

    static Uri RootOf(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
