using System.Net.Http.Json;

namespace MaestroBus.Integration;

/// <summary>A call whose address, method, path and headers have been checked.</summary>
sealed class ApiRequest
{
    static readonly Dictionary<string, HttpMethod> Methods = new[]
    {
        HttpMethod.Delete, HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Patch, HttpMethod.Post, HttpMethod.Put,
    }.ToDictionary(method => method.Method, StringComparer.OrdinalIgnoreCase);

    readonly CallApi _call;
    readonly HttpMethod _method;
    readonly Uri _uri;

    ApiRequest(CallApi call, ApiAddress address, HttpMethod method, Uri uri) => (_call, Address, _method, _uri) = (call, address, method, uri);

    public ApiAddress Address { get; }

    public bool IsIdempotent => _method != HttpMethod.Post && _method != HttpMethod.Patch;

    /// <summary>Checks a call; none, and the reason, for one that can never be made.</summary>
    public static ApiRequest? Of(CallApi call, ApiAddresses addresses, out string problem)
    {
        problem = "";

        if (!addresses.TryGet(call.Address, out var address))
            problem = addresses.Names.Any()
                ? $"'{call.Address}' is not a configured address. Use {string.Join(" or ", addresses.Names)}, or configure it under Bus:Integration:Addresses."
                : $"'{call.Address}' is not a configured address. Configure it under Bus:Integration:Addresses.";
        else if (!Methods.TryGetValue(call.Method, out var method))
            problem = $"'{call.Method}' is not a method. Use {string.Join(", ", Methods.Keys)}.";
        else if (address.AddressOf(call.Path) is not { } uri)
            problem = $"'{call.Path}' is not a path under '{address.Name}'. Use a path such as /orders/17?expand=lines, without '..', scheme or host.";
        else if (WrongHeader(call, address) is { } header)
            problem = header;
        else
            return new ApiRequest(call, address, method, uri);

        return null;
    }

    public async ValueTask<ApiResponse> SendOnce(HttpClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(_method, _uri);

        foreach (var (name, value) in _call.Headers ?? new Dictionary<string, string>())
            message.Headers.TryAddWithoutValidation(name, value);

        message.Headers.Add(ApiHeaders.IdempotencyKey, $"{_call.FlowId}/{_call.StepId}");

        if (_call.Body is { } body)
            message.Content = JsonContent.Create(body);

        using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await ApiResponse.Read(response, Address.Settings.MaxResponseSize, time, cancellationToken);
    }

    public override string ToString() => $"{_method} {_uri.PathAndQuery} of '{Address.Name}'";

    static string? WrongHeader(CallApi call, ApiAddress address)
    {
        foreach (var (name, value) in call.Headers ?? new Dictionary<string, string>())
        {
            if (address.Settings.Headers.ContainsKey(name))
                return $"The address '{address.Name}' sets the header '{name}' itself. Leave it out of the call.";

            if (!ApiHeaders.AreValid(name, value))
                return $"The header '{name}' cannot be sent. Use a request header's name with a value on one line.";
        }

        return null;
    }
}
