namespace MaestroBus.Notifications;

/// <summary>How the connection to the mail server is encrypted.</summary>
public enum EmailSecurity
{
    /// <summary>STARTTLS where the server offers it. With a user name set it must offer it, or the password could be read on the way.</summary>
    StartTlsWhenAvailable,

    /// <summary>STARTTLS, or nothing is sent.</summary>
    StartTls,

    /// <summary>TLS from the first byte on, mostly on port 465.</summary>
    Tls,

    /// <summary>No encryption.</summary>
    None,
}
