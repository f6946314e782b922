namespace MaestroBus.Riders.Kafka;

/// <summary>Has librdkafka encrypt its connections. It reads the files itself, once for each client.</summary>
static class KafkaTls
{
    /// <summary>Sets the client's properties.</summary>
    public static void ApplyTo(ClientConfig config, TlsClient tls)
    {
        config.SslCaLocation = tls.AuthorityPath;
        config.EnableSslCertificateVerification = !tls.Settings.AllowUntrusted;
        config.SslEndpointIdentificationAlgorithm = tls.Settings.AllowUntrusted
            ? SslEndpointIdentificationAlgorithm.None
            : SslEndpointIdentificationAlgorithm.Https;

        if (tls.IsPfx)
        {
            config.SslKeystoreLocation = tls.CertificatePath;
            config.SslKeystorePassword = tls.Settings.KeyPassword;
        }
        else if (tls.CertificatePath is not null)
        {
            config.SslCertificateLocation = tls.CertificatePath;
            config.SslKeyLocation = tls.KeyPath ?? tls.CertificatePath;
            config.SslKeyPassword = tls.Settings.KeyPassword;
        }
    }

    /// <summary>Notes what the client has no use for.</summary>
    public static void Check(TlsSettings settings, SettingsProblems problems)
    {
        if (settings.ServerName is { } name)
            problems.Add(
                "Bus:Kafka:Tls:ServerName", name,
                "Kafka's client checks each broker's certificate for the name in the broker's address. "
                + "Leave it out, and have the brokers advertise those names.");
    }
}
