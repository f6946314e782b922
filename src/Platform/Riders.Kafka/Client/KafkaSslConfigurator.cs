namespace Maestro.Bus.Riders.Kafka;

sealed class KafkaSslConfigurator(ClientProperties properties) : IKafkaSslConfigurator
{
    public string CipherSuites
    {
        set => properties.Set<ClientConfig>(config => config.SslCipherSuites = value);
    }

    public string CurvesList
    {
        set => properties.Set<ClientConfig>(config => config.SslCurvesList = value);
    }

    public string SigalgsList
    {
        set => properties.Set<ClientConfig>(config => config.SslSigalgsList = value);
    }

    public string KeyLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslKeyLocation = value);
    }

    public string KeyPassword
    {
        set => properties.Set<ClientConfig>(config => config.SslKeyPassword = value);
    }

    public string KeyPem
    {
        set => properties.Set<ClientConfig>(config => config.SslKeyPem = value);
    }

    public string CertificateLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCertificateLocation = value);
    }

    public string CertificatePem
    {
        set => properties.Set<ClientConfig>(config => config.SslCertificatePem = value);
    }

    public string CaLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCaLocation = value);
    }

    public string CrlLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCrlLocation = value);
    }

    public string KeystoreLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslKeystoreLocation = value);
    }

    public string KeystorePassword
    {
        set => properties.Set<ClientConfig>(config => config.SslKeystorePassword = value);
    }

    public string SslCertificateLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCertificateLocation = value);
    }

    public string SslCertificatePem
    {
        set => properties.Set<ClientConfig>(config => config.SslCertificatePem = value);
    }

    public string SslCaLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCaLocation = value);
    }

    public string SslCaPem
    {
        set => properties.Set<ClientConfig>(config => config.SslCaPem = value);
    }

    public string SslCaCertificateStores
    {
        set => properties.Set<ClientConfig>(config => config.SslCaCertificateStores = value);
    }

    public string SslCrlLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslCrlLocation = value);
    }

    public string SslEngineLocation
    {
        set => properties.Set<ClientConfig>(config => config.SslEngineLocation = value);
    }

    public string SslEngineId
    {
        set => properties.Set<ClientConfig>(config => config.SslEngineId = value);
    }
}
