namespace Maestro.Bus.Messaging;

/// <summary>How the connection to a mail server is encrypted.</summary>
public enum MailSecurity
{
    /// <summary>
    /// TLS from the first byte on port 465. On other ports STARTTLS where the server offers it; with a user name or a <c>Tls</c> section
    /// that is enabled it must offer it,
    /// or nothing is sent.
    /// </summary>
    StartTlsWhenAvailable,

    /// <summary>STARTTLS, or nothing is sent.</summary>
    StartTls,

    /// <summary>TLS from the first byte on.</summary>
    Tls,

    /// <summary>No encryption.</summary>
    None,
}
