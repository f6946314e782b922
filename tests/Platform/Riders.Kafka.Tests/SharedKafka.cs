using Maestro.Bus.Riders.Kafka.Tests;

[assembly: AssemblyFixture(typeof(SharedKafka))]

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>
/// One broker for all tests that only use it: each has topics and groups of its own. It starts when the first of them asks for it.
/// </summary>
public sealed class SharedKafka : IAsyncDisposable
{
    /// <summary>What a session may last at least; a broker's own limit is 6 s, and killed members are waited for.</summary>
    public static readonly TimeSpan ShortestSession = TimeSpan.FromSeconds(3);

    /// <summary>The settings of the broker that are not its own.</summary>
    public static string Overrides => $"group.min.session.timeout.ms={ShortestSession.TotalMilliseconds}";

    readonly Lock _lock = new();
    Task<KafkaServer>? _server;

    public Task<KafkaServer> Server
    {
        get
        {
            lock (_lock)
                return _server ??= KafkaServer.Start(CancellationToken.None, Overrides);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsCompletedSuccessfully: true } server)
            await (await server).DisposeAsync();
    }
}
