using System.Text.Json;

namespace MaestroBus.Integration;

/// <summary>A call whose address, method, path, headers and body have been checked.</summary>
sealed class ApiRequest
{
    static readonly Dictionary<string, HttpMethod> Methods = new[]
    {
        HttpMethod.Delete, HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Patch, HttpMethod.Post, HttpMethod.Put,
    }.ToDictionary(method => method.Method, StringComparer.OrdinalIgnoreCase);

    readonly CallApi _call;
    readonly HttpMethod _method;
    readonly Uri _uri;
    readonly byte[]? _body;

    ApiRequest(CallApi call, ApiAddress address, HttpMethod method, Uri uri, byte[]? body) =>
        (_call, Address, _method, _uri, _body) = (call, address, method, uri, body);

    public ApiAddress Address { get; }

    public bool IsIdempotent => _method != HttpMethod.Post && _method != HttpMethod.Patch;

    /// <summary>Checks a call. Returns null, and the reason, for one that can never be made.</summary>
    public static ApiRequest? Of(CallApi call, ApiAddresses addresses, out string problem)
    {
        problem = "";

        if (!addresses.TryGet(call.Address, out var address))
            problem = addresses.Names.Any()
                ? $"'{call.Address}' is not a configured address. Use {string.Join(" or ", addresses.Names)}, or configure it under "
                    + "Bus:Integration:Addresses."
                : $"'{call.Address}' is not a configured address. Configure it under Bus:Integration:Addresses.";
        else if (!Methods.TryGetValue(call.Method, out var method))
            problem = $"'{call.Method}' is not a method. Use {string.Join(", ", Methods.Keys)}.";
        else if (call.Path.Length > addresses.Settings.MaxPathLength)
            problem = $"The path has {call.Path.Length} characters. Use up to {addresses.Settings.MaxPathLength}, " +
                "or raise Bus:Integration:MaxPathLength.";
        else if (address.AddressOf(call.Path) is not { } uri)
            problem = $"'{call.Path}' is not a path under '{address.Name}'. Use a path such as /orders/17?expand=lines, without '..', "
                + "scheme or host.";
        else if (WrongHeader(call, address, addresses.Settings.MaxHeadersSize) is { } header)
            problem = header;
        else if (!TryWrite(call.Body, out var body))
            problem = "The body holds half a surrogate pair, which stands for no character. Send whole characters.";
        else
            return new ApiRequest(call, address, method, uri, body);

        return null;
    }

    public async ValueTask<HttpAnswer> SendOnce(
        HttpClient client, ApiCredentials credentials, TimeProvider time, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(_method, _uri);
        credentials.AddTo(message.Headers);

        foreach (var (name, value) in _call.Headers ?? new Dictionary<string, string>())
            message.Headers.TryAddWithoutValidation(name, value);

        message.Headers.TryAddWithoutValidation(ApiHeaders.IdempotencyKey, $"{_call.FlowId}/{Uri.EscapeDataString(_call.StepId)}");

        if (_body is not null)
            message.Content = OutgoingHttp.Json(_body);

        using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await HttpAnswer.Read(response, Address.Settings.MaxResponseSize, credentials.Mask, time, cancellationToken);
    }

    public override string ToString() => $"{_method} {_uri.PathAndQuery} of '{Address.Name}'";

    static bool TryWrite(JsonElement? body, out byte[]? utf8)
    {
        utf8 = null;

        try
        {
            if (body is { ValueKind: not JsonValueKind.Undefined })
                utf8 = JsonSerializer.SerializeToUtf8Bytes(body);

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    static string? WrongHeader(CallApi call, ApiAddress address, int limit)
    {
        var size = 0L;

        foreach (var (name, value) in call.Headers ?? new Dictionary<string, string>())
        {
            if (address.Settings.Sets(name))
                return $"The address '{address.Name}' sets the header '{name}' itself. Leave it out of the call.";

            if (ApiHeaders.AreReserved(name))
                return $"The header '{name}' is not a flow's to set. Configure it under Bus:Integration:Addresses:{address.Name}:Headers, "
                    + "or leave it out.";

            if (!ApiHeaders.AreValid(name, value))
                return $"The header '{name}' cannot be sent. Use a request header's name with a value on one line.";

            size += name.Length + value.Length;
        }

        return size > limit
            ? $"The headers have {size} characters. Use up to {limit}, or raise Bus:Integration:MaxHeadersSize."
            : null;
    }
}
