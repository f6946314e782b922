using System.Net.Http.Headers;

namespace MaestroBus.Notifications;

static class SmsClient
{
    public const string Name = "sms";

    public static void AddSmsClient(this BusBuilder bus, SmsSettings settings)
    {
        if (settings is { Url: { Scheme: "http" } url, Token: not null })
            bus.NotePlainPassword("the SMS provider", [url.Host], "Set Bus:Notifications:Sms:Url to an https:// address");

        bus.AddOutgoingHttpClient(Name, settings.Url, "Notifications:Sms:Tls", settings.Tls)
            .ConfigureHttpClient(client =>
                client.DefaultRequestHeaders.Authorization = settings.Token is { } token
                    ? new AuthenticationHeaderValue("Bearer", token)
                    : null);
    }
}
