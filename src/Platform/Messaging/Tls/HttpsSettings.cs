namespace Maestro.Bus.Messaging;

/// <summary>
/// The settings of the section <c>Bus:Https</c>: what the host's own <c>https://</c> addresses show. Relative paths are below the content
/// root.
/// </summary>
public sealed class HttpsSettings
{
    /// <summary>
    /// The file of the certificate: PEM, with the certificates of intermediate authorities below it, or PFX. The file is read again when it
    /// changes.
    /// </summary>
    /// <value>There is no default: Kestrel's own settings, or in development its development certificate, are used.</value>
    public string? Certificate { get; set; }

    /// <summary>The PEM file of the certificate's private key, where it is not in the certificate's file.</summary>
    public string? Key { get; set; }

    /// <summary>The password of the private key or of the PFX file.</summary>
    [Secret]
    public string? KeyPassword { get; set; }
}
