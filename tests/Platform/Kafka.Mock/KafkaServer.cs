using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Maestro.Bus.Kafka.Mock;

/// <summary>
/// A broker that speaks Kafka's protocol: a real one where <c>../shared/kafka</c> is, or the one whose address is in <c>BUS_TEST_KAFKA</c>,
/// or a mock cluster of the test's own.
/// </summary>
public sealed class KafkaServer : IAsyncDisposable
{
    const string Listening = "listening on ";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // How many real brokers are started.
    static readonly int Nodes = Environment.GetEnvironmentVariable("BUS_TEST_BROKERS") == "3" ? 3 : 1;

    readonly ServerProcess? _process;

    KafkaServer(string bootstrapServers, ServerProcess? process, RealKafkaServer? real)
    {
        BootstrapServers = bootstrapServers;
        _process = process;
        Real = real;
    }

    /// <summary>The broker's address.</summary>
    public string BootstrapServers { get; }

    /// <summary>
    /// Whether it is a mock cluster: it can be switched off and on, keeps little, and does not hide the records of transactions that were
    /// given up.
    /// </summary>
    public bool IsMock => _process is not null;

    /// <summary>The real broker that was started here; none where the environment names one, or it is a mock cluster.</summary>
    public RealKafkaServer? Real { get; }

    /// <summary>Starts a broker, or takes the one that the environment names.</summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <param name="overrides">Settings of the real brokers that are started here, <c>name=value</c> with spaces between them.</param>
    public static async Task<KafkaServer> Start(CancellationToken cancellationToken, string overrides = "")
    {
        if (RealKafkaServer.Missing is null)
        {
            var real = new RealKafkaServer(Nodes, overrides);

            try
            {
                await real.Start(cancellationToken);
                return new KafkaServer(real.BootstrapServers, null, real);
            }
            catch (Exception)
            {
                // Whatever it is, what has been started so far must not stay.
                await real.DisposeAsync();
                throw;
            }
        }

        return Environment.GetEnvironmentVariable("BUS_TEST_KAFKA") is { Length: > 0 } address
            ? new KafkaServer(address, null, null)
            : await StartMock(cancellationToken);
    }

    /// <summary>Starts a mock cluster, whatever else there is: for tests that switch it off.</summary>
    public static async Task<KafkaServer> StartMock(CancellationToken cancellationToken)
    {
        var process = ServerProcess.Start(
            "Kafka", "dotnet", [typeof(KafkaServer).Assembly.Location], "dotnet build tests/Platform/Kafka.Mock", takesCommands: true);
        await process.Ready(_ => Task.FromResult(process.Output.Contains(Listening, StringComparison.Ordinal)), Limit, cancellationToken);
        var line = process.Output.Split('\n').First(line => line.StartsWith(Listening, StringComparison.Ordinal));
        return new KafkaServer(line[Listening.Length..].Trim(), process, null);
    }

    /// <summary>Switches the mock cluster's broker off: it closes its connections, and accepts none.</summary>
    public Task SwitchOff() => Do("down");

    /// <summary>Switches it on again, with what it had.</summary>
    public Task SwitchOn() => Do("up");

    /// <summary>Creates a topic.</summary>
    public async Task CreateTopic(string name, int partitions, params (string Name, string Value)[] settings)
    {
        // A mock cluster does not by request of a client.
        if (IsMock)
        {
            await Do($"topic {name} {partitions}");
            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
        await admin.CreateTopicsAsync(
            [new TopicSpecification
            {
                Name = name,
                NumPartitions = partitions,
                Configs = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
            }]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (Real is not null)
            await Real.DisposeAsync();
    }

    async Task Do(string command)
    {
        var process = _process ?? throw new NotSupportedException("A real broker has no such command.");
        var done = $"done {command}";
        var before = process.Said(done);
        await process.Tell(command);
        await process.Says(done, CancellationToken.None, before + 1);
    }
}
