using System.Net.Http.Headers;

namespace MaestroBus.Notifications;

static class SmsClient
{
    public const string Name = "sms";

    public static void AddSmsClient(this IServiceCollection services, SmsSettings settings) =>
        services
            .AddHttpClient(Name, client =>
            {
                // The channel limits the time itself, the reading of the answer included.
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.DefaultRequestHeaders.Authorization = settings.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            })
            // Following a redirect would turn the post into a get that succeeds and sends nothing.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
}
