using System.Text.Json;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>A record as a foreign program knows it.</summary>
public sealed record ForeignRecord(string Key, string Value, IReadOnlyDictionary<string, string> Headers, int Partition = -1);

/// <summary>A program on another client library, run as a process.</summary>
abstract class ForeignClient(string bootstrapServers)
{
    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    protected string BootstrapServers => bootstrapServers;

    /// <summary>Starts one by its name. Skips the test where a program is missing that nobody has promised.</summary>
    public static async Task<ForeignClient> Start(string name, KafkaBroker broker, CancellationToken cancellationToken)
    {
        var servers = broker.Server.BootstrapServers;
        switch (name)
        {
            case "kcat":
                await Need("kcat", "-V", "kcat", cancellationToken);
                return new Kcat(servers);
            case "java":
                return new JavaTools(broker.Real, servers);
            default:
                await Need("npm", "--version", "nodejs npm", cancellationToken);
                return new KafkaJs(servers, await KafkaJs.Install(cancellationToken));
        }
    }

    /// <summary>Writes records, one after the other.</summary>
    public abstract Task Write(string topic, IReadOnlyList<ForeignRecord> records, CancellationToken cancellationToken);

    /// <summary>Reads a topic from its beginning.</summary>
    public abstract Task<IReadOnlyList<ForeignRecord>> Read(string topic, int count, CancellationToken cancellationToken);

    protected static async Task<IReadOnlyList<string>> Run(
        string program, IEnumerable<string> arguments, string package, CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var process = ServerProcess.Start(program, program, arguments, $"sudo apt-get install -y {package}", environment);
        await process.Succeeded(Limit, cancellationToken);
        return process.Lines;
    }

    /// <summary>Reads what one of the programs has written: fields with tabs between them.</summary>
    protected static IReadOnlyList<ForeignRecord> Parse(IEnumerable<string> lines, char betweenHeaders, char withinHeader) =>
    [
        .. lines.Select(line => line.Split('\t')).Where(fields => fields.Length == 4).Select(fields => new ForeignRecord(
            fields[2], fields[3],
            fields[1].Split(betweenHeaders, StringSplitOptions.RemoveEmptyEntries).Select(header => header.Split(withinHeader, 2))
                .Where(header => header.Length == 2).ToDictionary(header => header[0], header => header[1], StringComparer.Ordinal),
            int.Parse(fields[0].Replace("Partition:", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture))),
    ];

    // Beside ../shared everything is there; a user's machine need not have it.
    static async Task Need(string program, string question, string package, CancellationToken cancellationToken)
    {
        var install = $"sudo apt-get install -y {package}";
        if (await ServerProcess.Succeeds(program, [question], cancellationToken))
            return;

        Assert.SkipWhen(RealKafkaServer.Missing is not null, $"{program} is not installed. Run: {install}");
        throw ServerException.Missing(program, install);
    }

    /// <summary>kcat, on librdkafka.</summary>
    sealed class Kcat(string bootstrapServers) : ForeignClient(bootstrapServers)
    {
        public override async Task Write(string topic, IReadOnlyList<ForeignRecord> records, CancellationToken cancellationToken)
        {
            using var folder = new TemporaryFolder();
            foreach (var record in records)
            {
                await File.WriteAllTextAsync(folder.At("value"), record.Value, cancellationToken);
                var headers = record.Headers.SelectMany(header => new[] { "-H", $"{header.Key}={header.Value}" });
                await Run(
                    "kcat", ["-P", "-b", BootstrapServers, "-t", topic, "-k", record.Key, .. headers, folder.At("value")], "kcat",
                    cancellationToken);
            }
        }

        public override async Task<IReadOnlyList<ForeignRecord>> Read(string topic, int count, CancellationToken cancellationToken)
        {
            var format = "%p\\t%h\\t%k\\t%s\\n";
            return Parse(
                await Run(
                    "kcat", ["-C", "-b", BootstrapServers, "-t", topic, "-o", "beginning", "-c", $"{count}", "-q", "-f", format], "kcat",
                    cancellationToken),
                ',', '=');
        }
    }

    /// <summary>Apache Kafka's own console tools.</summary>
    sealed class JavaTools(RealKafkaServer server, string bootstrapServers) : ForeignClient(bootstrapServers)
    {
        public override async Task Write(string topic, IReadOnlyList<ForeignRecord> records, CancellationToken cancellationToken)
        {
            // The tool takes no line whose headers are empty, where it expects some.
            var hasHeaders = records.Any(record => record.Headers.Count > 0);
            using var folder = new TemporaryFolder();
            await File.WriteAllLinesAsync(
                folder.At("records"),
                records.Select(record => $"{(hasHeaders ? Headers(record) : "")}{record.Key}\t{record.Value}"), cancellationToken);
            await server.Ask(
                folder.At("records"), "produce", "--bootstrap-server", BootstrapServers, "--topic", topic,
                "--reader-property", $"parse.headers={(hasHeaders ? "true" : "false")}", "--reader-property", "parse.key=true");

            static string Headers(ForeignRecord record) =>
                $"{string.Join(',', record.Headers.Select(header => $"{header.Key}:{header.Value}"))}\t";
        }

        public override async Task<IReadOnlyList<ForeignRecord>> Read(string topic, int count, CancellationToken cancellationToken) =>
            Parse(
                await server.Ask(
                    "/dev/null", "consume", "--bootstrap-server", BootstrapServers, "--topic", topic, "--from-beginning",
                    "--max-messages", $"{count}", "--formatter-property", "print.partition=true",
                    "--formatter-property", "print.headers=true", "--formatter-property", "print.key=true"),
                ',', ':');
    }

    /// <summary>kafkajs, in Node.js.</summary>
    sealed class KafkaJs(string bootstrapServers, string modules) : ForeignClient(bootstrapServers)
    {
        const string Package = "kafkajs@2.2.4";

        /// <summary>Installs the client once for all test runs of this machine.</summary>
        public static async Task<string> Install(CancellationToken cancellationToken)
        {
            var folder = Path.Combine(Path.GetTempPath(), "bus-tests", Package);
            if (Directory.Exists(Path.Combine(folder, "node_modules", "kafkajs")))
                return folder;

            Directory.CreateDirectory(folder);
            await Run("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, Package], "nodejs npm", cancellationToken);
            return folder;
        }

        public override async Task Write(string topic, IReadOnlyList<ForeignRecord> records, CancellationToken cancellationToken)
        {
            using var folder = new TemporaryFolder();
            await File.WriteAllTextAsync(
                folder.At("records.json"), JsonSerializer.Serialize(records, JsonSerializerOptions.Web), cancellationToken);
            await Node(cancellationToken, "produce", topic, folder.At("records.json"));
        }

        public override async Task<IReadOnlyList<ForeignRecord>> Read(string topic, int count, CancellationToken cancellationToken) =>
        [
            .. (await Node(cancellationToken, "consume", topic, $"{count}")).Where(line => line.StartsWith('{'))
                .Select(line => JsonSerializer.Deserialize<ForeignRecord>(line, JsonSerializerOptions.Web)!),
        ];

        Task<IReadOnlyList<string>> Node(CancellationToken cancellationToken, string verb, params string[] arguments) => Run(
            "node", [Path.Combine(AppContext.BaseDirectory, "Interop", "kafkajs.js"), BootstrapServers, verb, .. arguments], "nodejs npm",
            cancellationToken,
            new Dictionary<string, string>
            {
                ["NODE_PATH"] = Path.Combine(modules, "node_modules"),
                ["KAFKAJS_NO_PARTITIONER_WARNING"] = "1",
            });
    }
}
