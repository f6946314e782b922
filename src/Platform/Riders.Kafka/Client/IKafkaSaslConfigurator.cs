namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures who the client is. Each setting that is left out is the client's own.</summary>
public interface IKafkaSaslConfigurator
{
    /// <summary>
    /// How the client shows who it is: <c>Plain</c>, <c>ScramSha256</c>, <c>ScramSha512</c>, <c>Gssapi</c> or <c>OAuthBearer</c>.
    /// </summary>
    SaslMechanism? Mechanism { set; }

    /// <summary>The user's name.</summary>
    string Username { set; }

    /// <summary>The user's password.</summary>
    string Password { set; }

    /// <summary>The name that brokers run under in Kerberos.</summary>
    string KerberosServiceName { set; }

    /// <summary>The client's principal.</summary>
    string KerberosPrincipal { set; }

    /// <summary>The command that gets or renews the ticket.</summary>
    string KerberosKinitCmd { set; }

    /// <summary>The path of the key table.</summary>
    string KerberosKeytab { set; }

    /// <summary>How many milliseconds lie at least between two renewals of the ticket; 0 for none.</summary>
    int? KerberosMinTimeBeforeRelogin { set; }

    /// <summary>What the OAuth bearer mechanism is told.</summary>
    string OauthbearerConfig { set; }

    /// <summary>Whether the client makes tokens that nobody signed, for tests.</summary>
    bool? EnableOauthbearerUnsecureJwt { set; }

    /// <summary>How connections are made, as <see cref="IKafkaFactoryConfigurator.SecurityProtocol"/>.</summary>
    SecurityProtocol? SecurityProtocol { set; }
}
