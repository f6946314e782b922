using System.Net.Security;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>Sets how each connection to the broker is encrypted.</summary>
static class BrokerTls
{
    /// <summary>Sets the options of the next connection.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="tls">How it is encrypted, or <c>null</c> if it is not.</param>
    /// <param name="host">The broker's host name.</param>
    public static void Apply(SslOption options, TlsClient? tls, string host)
    {
        // MassTransit 8.5 encrypts port 5671 and no other, whatever the address says, and accepts every chain and name.
        options.Enabled = tls is not null;
        options.AcceptablePolicyErrors = SslPolicyErrors.None;

        if (tls is null)
            return;

        options.ServerName = tls.Settings.ServerName ?? host;
        options.Version = TlsClient.Protocols;
        options.CertificateValidationCallback = tls.Validation(host);
        options.ClientCertificateContext = tls.CertificateContext;
        options.CertificateSelectionCallback = options.ClientCertificateContext is null ? tls.Selection : null;
    }
}
