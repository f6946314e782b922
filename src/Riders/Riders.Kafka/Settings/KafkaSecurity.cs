using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Security</c>.</summary>
public sealed class KafkaSecurity
{
    /// <summary>Whether the connections are encrypted.</summary>
    /// <value>The default is <c>false</c>.</value>
    public bool Tls { get; set; }

    /// <summary>How a user's password is shown.</summary>
    /// <value>The default is <see cref="KafkaMechanism.None"/>.</value>
    public KafkaMechanism Mechanism { get; set; }

    /// <summary>The user's name.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>The file of the certificates that the brokers' are checked against, in PEM.</summary>
    /// <value>The default is the system's own certificates.</value>
    public string? CertificateAuthority { get; set; }

    /// <summary>The file of the client's certificate, in PEM, where the brokers ask for one.</summary>
    public string? Certificate { get; set; }

    /// <summary>The file of the client certificate's key, in PEM.</summary>
    public string? Key { get; set; }

    /// <summary>The password of that key.</summary>
    [Secret]
    public string? KeyPassword { get; set; }

    internal IEnumerable<ValidationResult> Problems()
    {
        if (Mechanism != KafkaMechanism.None && (string.IsNullOrEmpty(Username) || string.IsNullOrEmpty(Password)))
            yield return new ValidationResult($"Security:Mechanism is {Mechanism}, but Security:Username or Security:Password is missing. Set both, or the mechanism None.");
        if (Mechanism == KafkaMechanism.None && !string.IsNullOrEmpty(Username))
            yield return new ValidationResult("Security:Username is set, but Security:Mechanism is None. Use Plain, ScramSha256 or ScramSha512.");
        if (Certificate is null != Key is null)
            yield return new ValidationResult("Security:Certificate and Security:Key belong together, and one of them is missing. Set both, or neither.");
        if (KeyPassword is not null && Key is null)
            yield return new ValidationResult("Security:KeyPassword is set, but Security:Key is missing. Name the file of the key, or leave the password out.");
        if (!Tls && (CertificateAuthority ?? Certificate ?? Key) is not null)
            yield return new ValidationResult("Security names certificates, but Security:Tls is false. Set it to true, or leave them out.");

        foreach (var (name, file) in new[] { (nameof(CertificateAuthority), CertificateAuthority), (nameof(Certificate), Certificate), (nameof(Key), Key) })
            if (file is not null && !File.Exists(file))
                yield return new ValidationResult($"Security:{name} is '{file}', and there is no such file.");
    }

    internal void ApplyTo(ClientConfig config)
    {
        config.SecurityProtocol = (Tls, Mechanism) switch
        {
            (false, KafkaMechanism.None) => SecurityProtocol.Plaintext,
            (true, KafkaMechanism.None) => SecurityProtocol.Ssl,
            (false, _) => SecurityProtocol.SaslPlaintext,
            (true, _) => SecurityProtocol.SaslSsl,
        };

        if (Mechanism != KafkaMechanism.None)
        {
            config.SaslMechanism = Mechanism switch
            {
                KafkaMechanism.Plain => SaslMechanism.Plain,
                KafkaMechanism.ScramSha512 => SaslMechanism.ScramSha512,
                _ => SaslMechanism.ScramSha256,
            };
            config.SaslUsername = Username;
            config.SaslPassword = Password;
        }

        config.SslCaLocation = CertificateAuthority;
        config.SslCertificateLocation = Certificate;
        config.SslKeyLocation = Key;
        config.SslKeyPassword = KeyPassword;
    }
}

/// <summary>How a user's password is shown to a broker.</summary>
public enum KafkaMechanism
{
    /// <summary>Not at all: there is no user.</summary>
    None,

    /// <summary>As it is. Use it with TLS.</summary>
    Plain,

    /// <summary>By a proof that does not reveal it, with SHA-256.</summary>
    ScramSha256,

    /// <summary>By a proof that does not reveal it, with SHA-512.</summary>
    ScramSha512,
}
