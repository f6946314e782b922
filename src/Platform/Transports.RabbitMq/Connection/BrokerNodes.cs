using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>Offers the client all nodes at each attempt, in an order by chance, so that many hosts spread over them.</summary>
sealed class BrokerNodes(IReadOnlyList<BrokerNode> nodes, RabbitMqHostSettings settings, TlsClient? tls) : IRabbitMqEndpointResolver
{
    // MassTransit writes it into what it logs, and cannot make one of an IP address of version 6.
    public ClusterNode LastHost { get; } = ClusterNode.Parse("any");

    public IEnumerable<AmqpTcpEndpoint> All()
    {
        var shuffled = nodes.ToArray();
        Random.Shared.Shuffle(shuffled);

        foreach (var node in shuffled)
        {
            var endpoint = new AmqpTcpEndpoint(node.Host, node.Port ?? settings.Port);
            BrokerTls.Apply(endpoint.Ssl, tls, node.Host);
            yield return endpoint;
        }
    }

    public override string ToString() => string.Join(", ", nodes);
}
