using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Testing;

/// <summary>A certificate authority of the test's own.</summary>
public sealed class TestAuthority : IDisposable
{
    const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly X509Certificate2 _certificate;

    /// <summary>Makes an authority.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="issuer">Who has issued its certificate; itself without one.</param>
    public TestAuthority(string name, TestAuthority? issuer = null)
    {
        var request = Request(name, _key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = issuer is null
            ? request.CreateSelfSigned(Now.AddYears(-10), Now.AddYears(10))
            : request.Create(issuer._certificate, Now.AddYears(-9), Now.AddYears(9), Serial()).CopyWithPrivateKey(_key);
    }

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>The authority's certificate, as PEM.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Issues a certificate for servers and clients.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="hosts">The host names and addresses that it is for.</param>
    /// <param name="from">When it becomes valid; yesterday without it.</param>
    /// <param name="until">When it expires; in a year without it.</param>
    public TestCertificate Issue(string name, string[] hosts, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Leaf(name, hosts, key).Create(_certificate, from ?? Now.AddDays(-1), until ?? Now.AddYears(1), Serial());
        return new TestCertificate(issued.CopyWithPrivateKey(key), key);
    }

    /// <summary>Makes a certificate that no authority has issued.</summary>
    public static TestCertificate SelfSigned(string name, string[] hosts, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestCertificate(Leaf(name, hosts, key).CreateSelfSigned(from ?? Now.AddDays(-1), until ?? Now.AddYears(1)), key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    // Positive, and without a leading zero that other programs leave out.
    static byte[] Serial() => [1, .. NewId.NextGuid().ToByteArray()];

    static CertificateRequest Leaf(string name, string[] hosts, ECDsa key)
    {
        var request = Request(name, key);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(ServerAuthentication), new(ClientAuthentication)], false));
        return request;
    }

    static CertificateRequest Request(string name, ECDsa key) => new($"CN={name}", key, HashAlgorithmName.SHA256);
}

/// <summary>A certificate with its key.</summary>
public sealed class TestCertificate(X509Certificate2 certificate, ECDsa key) : IDisposable
{
    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>The certificate, as PEM.</summary>
    public string Pem => certificate.ExportCertificatePem();

    /// <summary>The key, as PEM.</summary>
    public string Key => key.ExportPkcs8PrivateKeyPem();

    /// <summary>The key encrypted with a password, as PEM.</summary>
    public string EncryptedKey(string password) =>
        key.ExportEncryptedPkcs8PrivateKeyPem(
            password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000));

    /// <summary>The certificate and its key as PFX.</summary>
    public byte[] Pfx(string password) => certificate.Export(X509ContentType.Pkcs12, password);

    /// <summary>Writes <c>{name}.pem</c> and <c>{name}.key</c>, and gives their paths.</summary>
    public (string Certificate, string Key) WriteTo(TemporaryFolder folder, string name)
    {
        File.WriteAllText(folder.At($"{name}.pem"), Pem);
        File.WriteAllText(folder.At($"{name}.key"), Key);
        return (folder.At($"{name}.pem"), folder.At($"{name}.key"));
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }
}
