using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// The settings that MassTransit has made of the configuration, with the broker's nodes, and the <see cref="BrokerGate"/> before each
/// connection.
/// </summary>
sealed class BrokerHostSettings(RabbitMqHostSettings settings, IReadOnlyList<BrokerNode> nodes, TlsClient? tls, BrokerGate gate)
    : RabbitMqHostSettings, IStartProbe
{
    readonly BrokerNodes _nodes = new(nodes, settings, tls);

    public IRabbitMqEndpointResolver EndpointResolver => _nodes;

    public string Host => settings.Host;

    public int Port => settings.Port;

    public string VirtualHost => settings.VirtualHost;

    public string Username => settings.Username;

    public string Password => settings.Password;

    public TimeSpan Heartbeat => settings.Heartbeat;

    public bool Ssl => settings.Ssl;

    public SslProtocols SslProtocol => settings.SslProtocol;

    public string SslServerName => settings.SslServerName;

    public SslPolicyErrors AcceptablePolicyErrors => settings.AcceptablePolicyErrors;

    public string ClientCertificatePath => settings.ClientCertificatePath;

    public string ClientCertificatePassphrase => settings.ClientCertificatePassphrase;

    public X509Certificate ClientCertificate => settings.ClientCertificate;

    public bool UseClientCertificateAsAuthenticationIdentity => settings.UseClientCertificateAsAuthenticationIdentity;

    public LocalCertificateSelectionCallback CertificateSelectionCallback
    {
        get => settings.CertificateSelectionCallback;
        set => settings.CertificateSelectionCallback = value;
    }

    public RemoteCertificateValidationCallback CertificateValidationCallback
    {
        get => settings.CertificateValidationCallback;
        set => settings.CertificateValidationCallback = value;
    }

    public string ClientProvidedName => settings.ClientProvidedName;

    public Uri HostAddress => settings.HostAddress;

    public bool PublisherConfirmation => settings.PublisherConfirmation;

    public ushort RequestedChannelMax => settings.RequestedChannelMax;

    public TimeSpan RequestedConnectionTimeout => settings.RequestedConnectionTimeout;

    public BatchSettings BatchSettings => settings.BatchSettings;

    public TimeSpan ContinuationTimeout => settings.ContinuationTimeout;

    public uint? MaxMessageSize => settings.MaxMessageSize;

    public ICredentialsProvider CredentialsProvider => settings.CredentialsProvider;

    public uint? RequestedFrameMax => settings.RequestedFrameMax;

    public async Task Refresh(ConnectionFactory connectionFactory)
    {
        await settings.Refresh(connectionFactory);
        await gate.Pass(connectionFactory, _nodes, settings);
    }

    /// <summary>Makes a connection beside the bus's own.</summary>
    /// <param name="purpose">What it is for, in the broker's listings.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IConnection> Connect(string purpose, CancellationToken cancellationToken)
    {
        var factory = settings.GetConnectionFactory();
        await settings.Refresh(factory);
        return await factory.CreateConnectionAsync(_nodes, $"{settings.ClientProvidedName} {purpose}", cancellationToken);
    }

    Task IStartProbe.Run(CancellationToken cancellationToken) => gate.Probe(_nodes, settings, cancellationToken);
}
