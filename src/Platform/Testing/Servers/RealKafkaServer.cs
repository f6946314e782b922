namespace Maestro.Bus.Testing;

/// <summary>A real Kafka of the test's own, by the script <c>../shared/kafka/kafka</c> beside the repository.</summary>
/// <param name="nodes">How many brokers: 1 or 3.</param>
/// <param name="overrides">Settings of the brokers, <c>name=value</c> with spaces between them.</param>
public sealed class RealKafkaServer(int nodes = 1, string overrides = "") : IAsyncDisposable
{
    const string Install = "sudo apt-get install -y openjdk-17-jre-headless";
    const string OverridesVariable = "KAFKA_OVERRIDES";
    const int PortsPerNode = 10;

    // Kills what is left when the test's process has ended without disposing: its input ends then.
    const string Guard = "read -r line; for pid in \"$0\"/node-*.pid; do kill -9 \"$(cat \"$pid\")\"; done";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    readonly TemporaryFolder _folder = new();

    // The script counts on from the first. Ports that the system gives to outgoing connections (from 32768 on) could be taken while the
    // broker starts.
    readonly int _port = Ports.FreeRow((nodes - 1) * PortsPerNode + 4, 20_000, 32_000);

    ServerProcess? _guard;

    /// <summary>Why there is none; <c>null</c> if there is.</summary>
    public static string? Missing => Script is null ? "There is no ../shared/kafka/kafka beside this repository." : null;

    /// <summary>The brokers' addresses, without encryption and login.</summary>
    public string BootstrapServers =>
        string.Join(',', Enumerable.Range(0, nodes).Select(node => $"127.0.0.1:{_port + (node * PortsPerNode)}"));

    /// <summary>
    /// The first broker's port that wants a login: <c>bus</c> with <c>bus-secret</c>, or <c>guest</c> with <c>guest-secret</c>.
    /// </summary>
    public int LoginPort => _port + 2;

    /// <summary>The first broker's port that speaks TLS and wants a login.</summary>
    public int TlsPort => _port + 3;

    /// <summary>The file of the authority that has issued the broker's certificate, which is for localhost and 127.0.0.1.</summary>
    public string Authority => _folder.At("ca.pem");

    static string? Script =>
        TestFolder.FindAbove("Bus.sln") is { } root && Path.Combine(root, "../shared/kafka/kafka") is var script && File.Exists(script)
            ? script
            : null;

    /// <summary>Starts it.</summary>
    /// <exception cref="ServerException">Java is not installed, or it does not start.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        _guard = ServerProcess.Start("Kafka's guard", "sh", ["-c", Guard, _folder.Path], Install, takesCommands: true, outlivesTests: true);
        await Run(cancellationToken, "start", _folder.Path, $"{_port}", $"{nodes}");
    }

    /// <summary>Ends a broker as by kill -9.</summary>
    public Task Kill(int node) => Run(CancellationToken.None, "kill", _folder.Path, $"{node}");

    /// <summary>Starts a broker that has ended again, with what it had.</summary>
    public Task Revive(int node) => Run(CancellationToken.None, "revive", _folder.Path, $"{node}");

    /// <summary>Has a broker hang: it answers nothing, and closes nothing.</summary>
    public Task Pause(int node) => Run(CancellationToken.None, "pause", _folder.Path, $"{node}");

    /// <summary>Has a broker that hangs go on.</summary>
    public Task Resume(int node) => Run(CancellationToken.None, "resume", _folder.Path, $"{node}");

    /// <summary>Runs one of Kafka's own tools to its end; the script's head lists them.</summary>
    public Task Tool(string name, params string[] arguments) => Run(CancellationToken.None, ["tool", name, .. arguments]);

    /// <summary>Runs one of Kafka's own tools to its end, with a file as its input.</summary>
    /// <returns>The lines that it has written.</returns>
    public async Task<IReadOnlyList<string>> Ask(string input, string name, params string[] arguments)
    {
        await using var process = ServerProcess.Start(
            "Kafka", "sh", ["-c", "input=$1; shift; exec \"$0\" \"$@\" < \"$input\"", Script!, input, "tool", name, .. arguments], Install);
        await process.Succeeded(Limit, CancellationToken.None);
        return process.Lines;
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < nodes; node++)
        {
            if (File.Exists(_folder.At($"node-{node}.pid")))
                await Kill(node);
        }

        if (_guard is not null)
            await _guard.DisposeAsync();
        _folder.Dispose();
    }

    async Task Run(CancellationToken cancellationToken, params string[] arguments)
    {
        await using var process = ServerProcess.Start(
            "Kafka", Script!, arguments, Install,
            new Dictionary<string, string> { [OverridesVariable] = Overrides, ["KAFKA_WAIT"] = $"{Limit.TotalSeconds}" });
        await process.Succeeded(Limit, cancellationToken);
    }

    // The environment's own come last, and win.
    string Overrides => $"{overrides} {Environment.GetEnvironmentVariable(OverridesVariable)}".Trim();
}
