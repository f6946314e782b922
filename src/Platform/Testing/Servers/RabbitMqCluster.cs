using System.Text.Json;

namespace Maestro.Bus.Testing;

/// <summary>Three RabbitMQ nodes that are one broker. Each can be killed and started again.</summary>
public sealed class RabbitMqCluster : IAsyncDisposable
{
    const int Size = 3;

    static readonly TimeSpan FormationLimit = TimeSpan.FromMinutes(3);

    public RabbitMqCluster()
    {
        var portMapper = Ports.Free();
        Nodes = [.. Enumerable.Range(0, Size).Select(_ => new RabbitMqServer(portMapper))];
        var cookie = NewId.NextGuid().ToString("n");
        foreach (var node in Nodes)
            node.Join([.. Nodes.Select(other => other.Node)], cookie);
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<RabbitMqServer> Nodes { get; }

    /// <summary>The address of all nodes, for <c>Bus:RabbitMq:Url</c>.</summary>
    public string Url => $"amqp://guest:guest@{string.Join(',', Nodes.Select(node => $"127.0.0.1:{node.Port}"))}/";

    /// <summary>Starts the nodes, and waits until they know each other.</summary>
    /// <exception cref="ServerException">RabbitMQ is not installed, or does not start.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        // The first one makes the cluster, and the others find it.
        foreach (var node in Nodes)
            await node.Start(cancellationToken);

        await Eventually.True(
            async () => (await Nodes[0].Read("nodes", cancellationToken)).EnumerateArray()
                .Count(node => node.GetProperty("running").GetBoolean()) == Size,
            FormationLimit, "three nodes that are one broker", cancellationToken);
    }

    /// <summary>Finds the node that leads a quorum queue of the default virtual host.</summary>
    public Task<RabbitMqServer> LeaderOf(string queue, CancellationToken cancellationToken) => Eventually.Some(
        async () =>
        {
            var found = await Nodes[0].Read($"queues/%2F/{queue}", cancellationToken);
            return found.TryGetProperty("leader", out var leader) && leader.ValueKind == JsonValueKind.String
                ? Nodes.FirstOrDefault(node => node.Node == leader.GetString())
                : null;
        },
        FormationLimit, $"the leader of {queue}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // The first has the port mapper.
        foreach (var node in Nodes.Reverse())
            await node.DisposeAsync();
    }
}
