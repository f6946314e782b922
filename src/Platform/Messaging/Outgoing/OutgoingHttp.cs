using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Maestro.Bus.Messaging;

/// <summary>The rules of every HTTP call that the bus makes.</summary>
public static class OutgoingHttp
{
    // A probe of a dependency that is away should not take as long as an answer may.
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Long enough to be reused, short enough to notice that a name has another address.
    static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Adds the HTTP client of one configured address. It follows no redirect, also not to the same host: the answer's status shows one.
    /// It keeps no cookies, sends
    /// no headers of the bus's own traces, and writes no logs. The caller limits the time of a call.
    /// </summary>
    /// <param name="bus">The bus's builder.</param>
    /// <param name="name">The name of the client.</param>
    /// <param name="address">The address, or null if nothing is called.</param>
    /// <param name="tlsSection">The section of the TLS settings below <c>Bus</c>, such as <c>Notifications:Sms:Tls</c>.</param>
    /// <param name="tls">The TLS settings. An <c>https</c> address is encrypted without them.</param>
    public static IHttpClientBuilder AddOutgoingHttpClient(
        this BusBuilder bus, string name, Uri? address, string tlsSection, TlsSettings tls)
    {
        var client = bus.AddTls(tlsSection, tls, address);

        return bus.Services.AddHttpClient(name, http => http.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => NewHandler(client, address))
            // The next handler shows the client's certificate as it is then; that of the server is checked against the newest file each
            // time.
            .SetHandlerLifetime(client?.CertificatePath is null ? Timeout.InfiniteTimeSpan : ConnectionLifetime)
            .RemoveAllLoggers();
    }

    /// <summary>Makes a JSON body that carries its Content-Length: many servers and gateways refuse chunked requests with 411.</summary>
    public static HttpContent Json<T>(T body) => Json(JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web));

    /// <summary>Says why a call failed: HttpClient only says to see the inner exception where TLS is the reason.</summary>
    public static string Reason(Exception exception) =>
        exception.InnerException is System.Security.Authentication.AuthenticationException refused
            ? refused.GetBaseException().Message
            : exception.Message;

    static SocketsHttpHandler NewHandler(TlsClient? tls, Uri? address)
    {
        var handler = new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
        };

        if (tls is not null && address is not null)
            tls.Apply(handler.SslOptions, address.IdnHost);

        return handler;
    }

    /// <summary>Makes a body of JSON in UTF-8 that carries its Content-Length.</summary>
    public static HttpContent Json(byte[] utf8) =>
        new ByteArrayContent(utf8) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };
}
