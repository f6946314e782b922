using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Makes certificates of the contents of files.</summary>
static class CertificateFiles
{
    const string Hidden = "(hidden)";
    static ReadOnlySpan<byte> PemLabel => "-----BEGIN "u8;

    const string EncryptedKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

    /// <summary>Reads certificate authorities from PEM.</summary>
    /// <exception cref="CertificateFileException">There is no certificate in the file.</exception>
    public static X509Certificate2Collection Authorities(string path, byte[] content)
    {
        var authorities = new X509Certificate2Collection();

        try
        {
            authorities.ImportFromPem(Encoding.UTF8.GetString(content));
        }
        catch (CryptographicException exception)
        {
            throw new CertificateFileException(
                nameof(TlsSettings.CertificateAuthority), path,
                $"A certificate in it cannot be read: {Sentence(exception)} Write it anew.", exception);
        }

        return authorities.Count > 0 ? authorities : throw new CertificateFileException(
            nameof(TlsSettings.CertificateAuthority), path, "It holds no certificate. Use a PEM file with a block BEGIN CERTIFICATE.");
    }

    /// <summary>Reads a certificate with its private key, and the certificates of its intermediate authorities, from PEM or PFX.</summary>
    /// <param name="settings">The paths and the password.</param>
    /// <param name="certificate">The content of the certificate's file.</param>
    /// <param name="key">The content of the key's file, or <c>null</c> if the key is in the certificate's file.</param>
    /// <exception cref="CertificateFileException">The files do not hold a certificate and its key, or the password is wrong.</exception>
    public static OwnCertificate Certificate(TlsSettings settings, byte[] certificate, byte[]? key)
    {
        if (IsPfx(certificate))
            return FromPfx(settings, certificate);

        var text = Encoding.UTF8.GetString(certificate);
        return FromPem(settings, text, key is null ? text : Encoding.UTF8.GetString(key));
    }

    /// <summary>Tells whether a certificate's file is not PEM.</summary>
    public static bool IsPfx(byte[] content) => content.AsSpan().IndexOf(PemLabel) < 0;

    static OwnCertificate FromPem(TlsSettings settings, string certificate, string key)
    {
        var isEncrypted = key.Contains(EncryptedKey, StringComparison.Ordinal);
        if (isEncrypted && settings.KeyPassword is null)
            throw new CertificateFileException(
                nameof(TlsSettings.KeyPassword), null,
                $"The private key in '{settings.Key ?? settings.Certificate}' is encrypted. Set its password.");

        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw settings.Key is null
                ? new CertificateFileException(
                    nameof(TlsSettings.Key), null, $"'{settings.Certificate}' holds no private key. Name the file of its key.")
                : new CertificateFileException(
                    nameof(TlsSettings.Key), settings.Key, "It holds no private key. Use a PEM file with a block BEGIN PRIVATE KEY.");

        X509Certificate2 leaf;
        var all = new X509Certificate2Collection();

        try
        {
            all.ImportFromPem(certificate);
        }
        catch (CryptographicException exception)
        {
            throw Unreadable(settings, exception);
        }

        if (all.Count == 0)
            throw new CertificateFileException(
                nameof(TlsSettings.Certificate), settings.Certificate,
                "It holds no certificate. Use a PEM file with a block BEGIN CERTIFICATE, or a PFX file.");

        try
        {
            leaf = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, key, settings.KeyPassword)
                : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException { InnerException: ArgumentException })
        {
            throw new CertificateFileException(
                nameof(TlsSettings.Key), settings.Key ?? settings.Certificate,
                $"It holds no private key that belongs to the certificate in '{settings.Certificate}'. "
                + "Name the key that the certificate was requested with.",
                exception);
        }
        catch (CryptographicException exception) when (isEncrypted)
        {
            throw WrongPassword(settings.Key ?? settings.Certificate, exception);
        }
        catch (CryptographicException exception)
        {
            throw new CertificateFileException(
                nameof(TlsSettings.Key), settings.Key ?? settings.Certificate,
                $"Its private key cannot be used with the certificate in '{settings.Certificate}': {Sentence(exception)} "
                + "Use a PEM file with the key.",
                exception);
        }

        all.RemoveAt(0);
        return new OwnCertificate(Usable(leaf), all);
    }

    static OwnCertificate FromPfx(TlsSettings settings, byte[] content)
    {
        if (settings.Key is not null)
            throw new CertificateFileException(
                nameof(TlsSettings.Key), settings.Key,
                $"'{settings.Certificate}' is a PFX file, which holds its key. Leave Key out, or use PEM files.");

        X509Certificate2Collection all;

        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(content, settings.KeyPassword);
        }
        catch (CryptographicException exception)
        {
            // The loader gives this code to a password that does not match the file's integrity check.
            const int invalidPassword = unchecked((int)0x80070056);
            throw exception.HResult == invalidPassword ? WrongPassword(settings.Certificate, exception) : Unreadable(settings, exception);
        }

        var leaf = all.FirstOrDefault(candidate => candidate.HasPrivateKey) ?? throw new CertificateFileException(
            nameof(TlsSettings.Certificate), settings.Certificate, "It holds no certificate with a private key. Export it with its key.");

        all.Remove(leaf);
        return new OwnCertificate(leaf, all);
    }

    // Windows refuses to use keys in a handshake that exist in memory only.
    static X509Certificate2 Usable(X509Certificate2 certificate) =>
        OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate;

    static CertificateFileException Unreadable(TlsSettings settings, Exception exception) => new(
        nameof(TlsSettings.Certificate), settings.Certificate,
        $"It cannot be read: {Sentence(exception)} Use a PEM or PFX file.", exception);

    static CertificateFileException WrongPassword(string? path, Exception exception) => new(
        nameof(TlsSettings.KeyPassword), Hidden, $"It does not open the private key in '{path}'. Correct it.", exception);

    static string Sentence(Exception exception) => exception.Message.TrimEnd('.') + ".";
}

/// <summary>A certificate with its private key, and what it takes to prove it to somebody who knows the root only.</summary>
sealed record OwnCertificate(X509Certificate2 Certificate, X509Certificate2Collection Intermediates)
{
    /// <summary>What is shown in a handshake.</summary>
    public SslStreamCertificateContext Context => field ??= SslStreamCertificateContext.Create(Certificate, Intermediates, offline: true);
}
