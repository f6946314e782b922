namespace Maestro.Bus.Messaging;

/// <summary>How one connection is encrypted and how its two sides prove who they are. Relative paths are below the content root.</summary>
[SingleValueRemedy(
    "It was true or false in earlier versions. Set Enabled below it, "
    + "and CertificateAuthority where the server's CA is not one that the machine trusts.")]
public sealed class TlsSettings
{
    /// <summary>Whether the connection uses TLS. An unencrypted connection is never tried instead.</summary>
    /// <value>The default is what the address says (<c>amqps://</c>, <c>https://</c>), or <c>false</c> where it has no scheme.</value>
    public bool? Enabled { get; set; }

    /// <summary>
    /// The PEM file of the certificate authorities that may have issued the server's certificate: one or more certificates, roots or the
    /// server's own self-signed one. The file is read again when it changes.
    /// </summary>
    /// <value>The default is the authorities that the machine trusts.</value>
    public string? CertificateAuthority { get; set; }

    /// <summary>
    /// The file of the certificate that this side shows where the other asks for one: PEM, with the certificates of intermediate
    /// authorities
    /// below it, or PFX. The file is read again when it changes.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>The PEM file of the certificate's private key, where it is not in the certificate's file.</summary>
    public string? Key { get; set; }

    /// <summary>The password of the private key or of the PFX file.</summary>
    [Secret]
    public string? KeyPassword { get; set; }

    /// <summary>The name that the server's certificate must be issued for.</summary>
    /// <value>The default is the host name of the address.</value>
    public string? ServerName { get; set; }

    /// <summary>
    /// Whether any certificate is accepted: the connection is encrypted, and anybody between the two sides can read it. Refused in the
    /// environment Production; elsewhere each start logs a warning.
    /// </summary>
    /// <value>The default is <c>false</c>.</value>
    public bool AllowUntrusted { get; set; }

    /// <summary>Whether any of the settings is set.</summary>
    public bool IsSet => Enabled is not null || HasDetails;

    internal bool HasDetails =>
        (CertificateAuthority ?? Certificate ?? Key ?? KeyPassword ?? ServerName) is not null || AllowUntrusted;
}
