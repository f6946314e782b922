namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>The kinds of durable queue that RabbitMQ offers.</summary>
public enum RabbitMqQueueType
{
    /// <summary>Replicated over the nodes of a cluster; on one node, written to disk before a message is confirmed.</summary>
    Quorum,

    /// <summary>On one node only; knows message priorities.</summary>
    Classic,
}
