using System.Net;

namespace MaestroBus.Integration;

static class ApiClients
{
    public const string Prefix = "integration:";

    // What is not there should not hold the queue's probe as long as an answer may take.
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Adds the HTTP client of one API: it follows no redirects, keeps no cookies, and tells the API nothing about the bus's own traces.</summary>
    public static void AddApiClient(this IServiceCollection services, string name, AddressSettings address) =>
        services.AddHttpClient(Prefix + name, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                foreach (var (header, value) in address.Headers)
                    client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ActivityHeadersPropagator = null,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                UseCookies = false,
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
}
