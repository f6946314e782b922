namespace MaestroBus.Kafka.Mock;

/// <summary>A broker that speaks Kafka's protocol: the one whose address is in <c>BUS_TEST_KAFKA</c>, or a mock cluster of the test's own.</summary>
public sealed class KafkaServer : IAsyncDisposable
{
    const string Listening = "listening on ";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly ServerProcess? _process;

    KafkaServer(string bootstrapServers, ServerProcess? process)
    {
        BootstrapServers = bootstrapServers;
        _process = process;
    }

    /// <summary>The broker's address.</summary>
    public string BootstrapServers { get; }

    /// <summary>Whether it is a mock cluster: it can be switched off and on, keeps little, and does not hide the records of transactions that were given up.</summary>
    public bool IsMock => _process is not null;

    /// <summary>Starts a broker, or takes the one that the environment names.</summary>
    public static Task<KafkaServer> Start(CancellationToken cancellationToken) =>
        Environment.GetEnvironmentVariable("BUS_TEST_KAFKA") is { Length: > 0 } address
            ? Task.FromResult(new KafkaServer(address, null))
            : StartMock(cancellationToken);

    /// <summary>Starts a mock cluster, whatever the environment names: for tests that switch it off.</summary>
    public static async Task<KafkaServer> StartMock(CancellationToken cancellationToken)
    {
        var process = ServerProcess.Start("Kafka", "dotnet", [typeof(KafkaServer).Assembly.Location], "dotnet build tests/Kafka.Mock", takesCommands: true);
        await process.Ready(_ => Task.FromResult(process.Output.Contains(Listening, StringComparison.Ordinal)), Limit, cancellationToken);
        var line = process.Output.Split('\n').First(line => line.StartsWith(Listening, StringComparison.Ordinal));
        return new KafkaServer(line[Listening.Length..].Trim(), process);
    }

    /// <summary>Switches the mock cluster's broker off: it closes its connections, and accepts none.</summary>
    public Task SwitchOff() => Do("down");

    /// <summary>Switches it on again, with what it had.</summary>
    public Task SwitchOn() => Do("up");

    /// <summary>Creates a topic; a mock cluster does not by request of a client.</summary>
    public Task CreateTopic(string name, int partitions) => IsMock ? Do($"topic {name} {partitions}") : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    async Task Do(string command)
    {
        var process = _process ?? throw new NotSupportedException("A broker that the environment names is not the test's to command.");
        await process.Tell(command);
        await process.Ready(_ => Task.FromResult(process.Output.Contains($"done {command}", StringComparison.Ordinal)), Limit, CancellationToken.None);
    }
}
