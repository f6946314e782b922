namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Configures encrypted connections. Chain, name and dates of the broker's certificate are always checked. Each setting that is left out is
/// the client's own.
/// </summary>
public interface IKafkaSslConfigurator
{
    /// <summary>The ciphers that are allowed, as OpenSSL lists them.</summary>
    string CipherSuites { set; }

    /// <summary>The curves that are allowed, as OpenSSL lists them.</summary>
    string CurvesList { set; }

    /// <summary>The signature algorithms that are allowed, as OpenSSL lists them.</summary>
    string SigalgsList { set; }

    /// <summary>The path of the client's private key.</summary>
    string KeyLocation { set; }

    /// <summary>The password of the private key.</summary>
    string KeyPassword { set; }

    /// <summary>The client's private key as PEM text.</summary>
    string KeyPem { set; }

    /// <summary>The path of the client's certificate.</summary>
    string CertificateLocation { set; }

    /// <summary>The client's certificate as PEM text.</summary>
    string CertificatePem { set; }

    /// <summary>The path of the certificates that are trusted.</summary>
    string CaLocation { set; }

    /// <summary>The path of the list of certificates that are revoked.</summary>
    string CrlLocation { set; }

    /// <summary>The path of the PKCS#12 file with the client's key and certificate.</summary>
    string KeystoreLocation { set; }

    /// <summary>The password of that file.</summary>
    string KeystorePassword { set; }

    /// <summary>The same as <see cref="CertificateLocation"/>.</summary>
    string SslCertificateLocation { set; }

    /// <summary>The same as <see cref="CertificatePem"/>.</summary>
    string SslCertificatePem { set; }

    /// <summary>The same as <see cref="CaLocation"/>.</summary>
    string SslCaLocation { set; }

    /// <summary>The certificates that are trusted, as PEM text.</summary>
    string SslCaPem { set; }

    /// <summary>The Windows certificate stores of those that are trusted, with commas between them.</summary>
    string SslCaCertificateStores { set; }

    /// <summary>The same as <see cref="CrlLocation"/>.</summary>
    string SslCrlLocation { set; }

    /// <summary>The path of an OpenSSL engine.</summary>
    string SslEngineLocation { set; }

    /// <summary>The id of that engine.</summary>
    string SslEngineId { set; }
}
