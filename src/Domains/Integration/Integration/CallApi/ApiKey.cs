using System.Net.Http.Headers;

namespace MaestroBus.Integration;

/// <summary>The credentials of an address: its configured headers, and its key, which may lie in a file that others write.</summary>
/// <param name="name">The address's name.</param>
/// <param name="settings">The address's settings.</param>
/// <param name="folder">The folder that a relative <see cref="AddressSettings.KeyFile"/> lies in.</param>
sealed class ApiKey(string name, AddressSettings settings, string folder)
{
    // A longer file is another one than was meant.
    const int LongestFile = 16 * 1024;

    readonly string? _file = settings.KeyFile is { } file ? Path.GetFullPath(file, folder) : null;

    ApiCredentials? _known;

    /// <summary>Gets the credentials. A key's file is read for each call, so that a key that is replaced holds at once.</summary>
    /// <exception cref="ApiUnavailableException">The file cannot be read, or holds no key.</exception>
    public async ValueTask<ApiCredentials> Credentials(CancellationToken cancellationToken)
    {
        var key = _file is null ? settings.ApiKey : await Read(_file, cancellationToken);
        return _known is { } known && known.Key == key ? known : _known = new ApiCredentials(key, settings);
    }

    async Task<string> Read(string file, CancellationToken cancellationToken)
    {
        string? key = null;
        Exception? failure = null;

        try
        {
            if (new FileInfo(file).Length <= LongestFile)
                key = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = exception;
        }

        return key is { Length: > 0 } && ApiHeaders.IsOnOneLine(key)
            ? key
            : throw new ApiUnavailableException(
                $"The key of '{name}' cannot be read from {file}: {failure?.Message ?? "it does not hold one key on one line."} " +
                $"Put the key there, or set Bus:Integration:Addresses:{name}:KeyFile to the file that holds it.", failure)
            { Dependency = name };
    }
}

/// <summary>What a call to an address carries, and what masks it in answers and errors.</summary>
sealed class ApiCredentials
{
    const string Authorization = "Authorization";

    readonly Dictionary<string, string> _headers;

    public ApiCredentials(string? key, AddressSettings settings)
    {
        Key = key;
        _headers = new Dictionary<string, string>(settings.Headers, StringComparer.OrdinalIgnoreCase);

        if (key is not null)
            _headers[settings.KeyHeader] = settings.KeyHeader.Equals(Authorization, StringComparison.OrdinalIgnoreCase)
                ? $"Bearer {key}"
                : key;

        Mask = SecretMask.Of(_headers.Values);
    }

    public string? Key { get; }

    public SecretMask Mask { get; }

    public void AddTo(HttpRequestHeaders headers)
    {
        foreach (var (name, value) in _headers)
            headers.TryAddWithoutValidation(name, value);
    }
}
