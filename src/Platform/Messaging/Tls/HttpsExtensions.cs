using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Maestro.Bus.Messaging;

/// <summary>Encrypts the host's own addresses.</summary>
static class HttpsExtensions
{
    const string Section = "Https";

    /// <summary>
    /// Has <c>https://</c> addresses show the certificate of <c>Bus:Https</c> and speak TLS 1.2 or later, and has a start warn of others.
    /// </summary>
    public static void AddHttps(this BusBuilder bus, IConfiguration configuration)
    {
        var settings = bus.AddSettings<HttpsSettings>(Section);
        var own = new TlsSettings { Certificate = settings.Certificate, Key = settings.Key, KeyPassword = settings.KeyPassword };
        var tls = own.IsSet ? bus.AddTlsClient(Section, own) : null;

        bus.Services.AddHostedService(services => new UnencryptedAddressWarning(
            configuration, services.GetService<IHostEnvironment>(), services.GetRequiredService<ILogger<UnencryptedAddressWarning>>()));
        bus.Services.AddHostedService<PlainPasswordWarning>();
        bus.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = TlsClient.Protocols;
            if (tls is null)
                return;

            // Kestrel wants one of the two, and only the second can show intermediate authorities.
            https.ServerCertificateSelector = (_, _) => tls.Certificate;
            https.OnAuthenticate = (_, options) =>
            {
                options.ServerCertificateSelectionCallback = null;
                options.ServerCertificateContext = tls.CertificateContext;
            };
        }));
    }
}
