namespace Maestro.Bus.Riders.Kafka;

/// <summary>Decides by what is configured how connections are made.</summary>
sealed class KafkaHostConfigurator(ClientProperties properties) : IKafkaHostConfigurator
{
    bool _isEncrypted;
    bool _hasUser;

    /// <summary>What is asked for; none to have it follow from the rest.</summary>
    public SecurityProtocol? Protocol { get; set; }

    public void UseSsl(Action<IKafkaSslConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _isEncrypted = true;
        configure(new KafkaSslConfigurator(properties));
    }

    public void UseSasl(Action<IKafkaSaslConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _hasUser = true;
        configure(new KafkaSaslConfigurator(properties, this));
    }

    /// <summary>Sets how connections are made.</summary>
    /// <exception cref="ConfigurationException">
    /// What is asked for would leave out the encryption or the user that are configured.
    /// </exception>
    public void Apply()
    {
        if (Protocol is null && !_isEncrypted && !_hasUser)
            return;

        var protocol = Protocol ?? (_isEncrypted, _hasUser) switch
        {
            (true, true) => SecurityProtocol.SaslSsl,
            (true, false) => SecurityProtocol.Ssl,
            _ => SecurityProtocol.SaslPlaintext,
        };
        if (_isEncrypted && protocol is SecurityProtocol.Plaintext or SecurityProtocol.SaslPlaintext)
            throw new ConfigurationException(
                $"Kafka's SecurityProtocol is {protocol}, and UseSsl is called: the connections would not be encrypted. "
                + "Use Ssl or SaslSsl, or leave it out.");
        if (_hasUser && protocol is SecurityProtocol.Plaintext or SecurityProtocol.Ssl)
            throw new ConfigurationException(
                $"Kafka's SecurityProtocol is {protocol}, and UseSasl is called: the user would not be told. "
                + "Use SaslPlaintext or SaslSsl, or leave it out.");

        properties.Set<ClientConfig>(config => config.SecurityProtocol = protocol);
    }
}
