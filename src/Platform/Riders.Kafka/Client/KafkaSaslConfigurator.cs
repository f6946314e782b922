namespace Maestro.Bus.Riders.Kafka;

sealed class KafkaSaslConfigurator(ClientProperties properties, KafkaHostConfigurator host) : IKafkaSaslConfigurator
{
    public SaslMechanism? Mechanism
    {
        set => properties.Set<ClientConfig>(config => config.SaslMechanism = value);
    }

    public string Username
    {
        set => properties.Set<ClientConfig>(config => config.SaslUsername = value);
    }

    public string Password
    {
        set => properties.Set<ClientConfig>(config => config.SaslPassword = value);
    }

    public string KerberosServiceName
    {
        set => properties.Set<ClientConfig>(config => config.SaslKerberosServiceName = value);
    }

    public string KerberosPrincipal
    {
        set => properties.Set<ClientConfig>(config => config.SaslKerberosPrincipal = value);
    }

    public string KerberosKinitCmd
    {
        set => properties.Set<ClientConfig>(config => config.SaslKerberosKinitCmd = value);
    }

    public string KerberosKeytab
    {
        set => properties.Set<ClientConfig>(config => config.SaslKerberosKeytab = value);
    }

    public int? KerberosMinTimeBeforeRelogin
    {
        set => properties.Set<ClientConfig>(config => config.SaslKerberosMinTimeBeforeRelogin = value);
    }

    public string OauthbearerConfig
    {
        set => properties.Set<ClientConfig>(config => config.SaslOauthbearerConfig = value);
    }

    public bool? EnableOauthbearerUnsecureJwt
    {
        set => properties.Set<ClientConfig>(config => config.EnableSaslOauthbearerUnsecureJwt = value);
    }

    public SecurityProtocol? SecurityProtocol
    {
        set => host.Protocol = value;
    }
}
