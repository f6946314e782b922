using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Security</c>.</summary>
[MovedSetting("Tls", "Bus:Kafka:Tls:Enabled")]
[MovedSetting("CertificateAuthority", "Bus:Kafka:Tls:CertificateAuthority")]
[MovedSetting("Certificate", "Bus:Kafka:Tls:Certificate")]
[MovedSetting("Key", "Bus:Kafka:Tls:Key")]
[MovedSetting("KeyPassword", "Bus:Kafka:Tls:KeyPassword")]
public sealed class KafkaSecurity
{
    /// <summary>How a user's password is shown.</summary>
    /// <value>The default is <see cref="KafkaMechanism.None"/>.</value>
    public KafkaMechanism Mechanism { get; set; }

    /// <summary>The user's name.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password.</summary>
    [Secret]
    public string? Password { get; set; }

    internal IEnumerable<ValidationResult> Problems()
    {
        if (Mechanism != KafkaMechanism.None && (string.IsNullOrEmpty(Username) || string.IsNullOrEmpty(Password)))
            yield return new ValidationResult(
                $"Security:Mechanism is {Mechanism}, but Security:Username or Security:Password is missing. Set both, or the "
                    + "mechanism None.");
        if (Mechanism == KafkaMechanism.None && !string.IsNullOrEmpty(Username))
            yield return new ValidationResult(
                "Security:Username is set, but Security:Mechanism is None. Use Plain, ScramSha256 or ScramSha512.");
    }

    internal void ApplyTo(ClientConfig config, bool isEncrypted)
    {
        config.SecurityProtocol = (isEncrypted, Mechanism) switch
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
