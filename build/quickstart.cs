#:property PublishAot=false

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const string Usage = """
    Usage: build/quickstart [--name Acme] [--output DIR] [--keep]

    Installs the template from this folder into a throw-away CLI home, scaffolds a solution, builds its host, runs it on the embedded
    default, posts the sample webhooks and prints their way through the five queue domains.

      --name    what the solution is called; Acme without it
      --output  where it goes; a folder that is empty or not there. Without it, a new temporary folder
      --keep    leave the host running until Ctrl-C, to try things by hand
      --help    show this text
    """;

var root = Path.GetDirectoryName(Path.GetDirectoryName(ScriptPath()))!;
var clock = Stopwatch.StartNew();

if (Options.Parse(args) is not { } options)
    return 2;

if (options.Help)
{
    Console.WriteLine(Usage);
    return 0;
}

try
{
    var output = options.Output ?? Path.Combine(Directory.CreateTempSubdirectory("quickstart-").FullName, options.Name);
    if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
        throw new QuickstartException($"{output} is not empty. Name another folder with --output, or empty it.");

    var home = Directory.CreateTempSubdirectory("quickstart-home-").FullName;
    try
    {
        Step($"Scaffold {options.Name} in {output}");
        await Dotnet(home, root, "new", "install", root);
        await Dotnet(home, root, "new", "maestro-bus", "--name", options.Name, "--output", output, "--no-restore");
    }
    finally
    {
        Directory.Delete(home, recursive: true);
    }

    Step("Build it");
    await Dotnet(null, output, "build", "src/Host", "--nologo", "--verbosity", "quiet");

    using var cancellation = new CancellationTokenSource();
    Console.CancelKeyPress += (_, pressed) =>
    {
        pressed.Cancel = true;
        cancellation.Cancel();
    };

    await using var host = await RunningHost.Start(output, cancellation.Token);
    Step($"The host runs on {host.Address}; its queue domains:");
    foreach (var domain in await host.Domains(cancellation.Token))
        Console.WriteLine($"    {domain}");

    foreach (var webhook in await Webhook.ReadAll(output, cancellation.Token))
    {
        Step($"Post {webhook.Name}");
        Print(await host.Post(webhook, cancellation.Token));
    }

    Step($"Done in {clock.Elapsed.TotalSeconds:0} s. Try next:");
    Console.WriteLine($"""
            cd {output}
            dotnet run --project src/Host          # then POST to /webhooks/github, GET /domains, GET /health/ready
            dotnet new install {root}
            dotnet new maestro-domain -n Billing   # a new queue domain: nothing to edit by hand
            dotnet test
        """);

    if (options.Keep)
    {
        Step($"The host keeps running on {host.Address} until Ctrl-C");
        await host.Ended(cancellation.Token);
    }

    return 0;
}
catch (Exception exception) when (exception is QuickstartException or HttpRequestException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

static string ScriptPath([CallerFilePath] string path = "") => path;

static void Step(string text) => Console.WriteLine($"{Environment.NewLine}== {text}");

static void Print(IReadOnlyList<JsonElement> hops)
{
    var start = hops[0].GetProperty("startedAt").GetDateTimeOffset();
    Console.WriteLine($"    {"after",9}  {"took",9}  {"queue",-20}  {"message",-18}  handled by");

    foreach (var hop in hops)
    {
        var after = hop.GetProperty("startedAt").GetDateTimeOffset() - start;
        var took = TimeSpan.Parse(hop.GetProperty("duration").GetString()!, CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"    {after.TotalMilliseconds,6:0.0} ms  {took.TotalMilliseconds,6:0.0} ms  {hop.GetProperty("queue"),-20}  {hop.GetProperty("messageType"),-18}  {hop.GetProperty("consumer")}"));
    }
}

static async Task Dotnet(string? home, string directory, params string[] arguments)
{
    var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
    if (home is not null)
        start.Environment["DOTNET_CLI_HOME"] = home;

    using var process = Process.Start(start)!;
    var output = process.StandardOutput.ReadToEndAsync();
    var error = process.StandardError.ReadToEndAsync();
    await process.WaitForExitAsync();

    if (process.ExitCode != 0)
        throw new QuickstartException($"dotnet {string.Join(' ', arguments)} failed with exit code {process.ExitCode}:{Environment.NewLine}{await output}{await error}");
}

sealed class QuickstartException(string message) : Exception(message);

sealed record Options(string Name, string? Output, bool Keep, bool Help)
{
    public static Options? Parse(string[] args)
    {
        var options = new Options("Acme", null, false, false);

        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    return options with { Help = true };
                case "--keep":
                    options = options with { Keep = true };
                    break;
                case "--name" when i + 1 < args.Length:
                    options = options with { Name = args[++i] };
                    break;
                case "--output" when i + 1 < args.Length:
                    options = options with { Output = Path.GetFullPath(args[++i]) };
                    break;
                default:
                    Console.Error.WriteLine($"Unknown or incomplete option: {args[i]}. Run build/quickstart --help.");
                    return null;
            }
        }

        return options;
    }
}

/// <summary>A sample webhook, signed as its provider would sign it.</summary>
sealed record Webhook(string Name, string Provider, byte[] Body, Dictionary<string, string> Headers)
{
    public static async Task<IReadOnlyList<Webhook>> ReadAll(string output, CancellationToken cancellationToken)
    {
        var samples = Path.Combine(output, "samples");
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(samples, "webhooks.json"), cancellationToken));
        using var settings = JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(output, "src", "Host", "appsettings.Development.json"), cancellationToken));
        var providers = settings.RootElement.GetProperty("Bus").GetProperty("Ingress").GetProperty("Providers");
        var webhooks = new List<Webhook>();

        foreach (var sample in list.RootElement.EnumerateArray())
        {
            var provider = sample.GetProperty("provider").GetString()!;
            var body = await File.ReadAllBytesAsync(Path.Combine(samples, sample.GetProperty("file").GetString()!), cancellationToken);
            var headers = sample.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString()!);
            Sign(headers, providers.GetProperty(provider), body);
            webhooks.Add(new Webhook(sample.GetProperty("name").GetString()!, provider, body, headers));
        }

        return webhooks;
    }

    static void Sign(Dictionary<string, string> headers, JsonElement provider, byte[] body)
    {
        var secret = Encoding.UTF8.GetBytes(provider.GetProperty("Secret").GetString()!);

        switch (provider.GetProperty("Scheme").GetString()!.ToLowerInvariant())
        {
            case "github":
                headers["X-Hub-Signature-256"] = $"sha256={Hex(secret, body)}";
                break;
            case "stripe":
                var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
                headers["Stripe-Signature"] = $"t={time},v1={Hex(secret, [.. Encoding.UTF8.GetBytes($"{time}."), .. body])}";
                break;
            default:
                var header = provider.TryGetProperty("SignatureHeader", out var named) ? named.GetString()! : "X-Signature";
                var prefix = provider.TryGetProperty("SignaturePrefix", out var before) ? before.GetString()! : "";
                headers[header] = prefix + Hex(secret, body);
                break;
        }
    }

    static string Hex(byte[] secret, byte[] content) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, content));
}

/// <summary>The scaffolded host as a process.</summary>
sealed class RunningHost : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly StringBuilder _log = new();
    readonly HttpClient _client;
    readonly Process _process;

    RunningHost(Process process, Uri address)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = address };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address => _client.BaseAddress!;

    public static async Task<RunningHost> Start(string output, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo(
            "dotnet", ["run", "--project", ".", "--no-build", "--no-launch-profile", "--", "--urls", address.ToString(), $"--Bus:Integration:Addresses:analytics:BaseAddress={address}"])
        {
            WorkingDirectory = Path.Combine(output, "src", "Host"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development" },
        };

        var host = new RunningHost(Process.Start(start)!, address);
        try
        {
            await host.Until(async () => (await host._client.GetAsync("/health/ready", cancellationToken)).IsSuccessStatusCode, "become ready", cancellationToken);
        }
        catch
        {
            // Whatever went wrong, the process must not stay behind.
            await host.DisposeAsync();
            throw;
        }

        return host;
    }

    public async Task<IEnumerable<string>> Domains(CancellationToken cancellationToken) =>
        (await _client.GetFromJsonAsync<List<JsonElement>>("/domains", cancellationToken))!
            .Select(domain => $"{domain.GetProperty("name"),-15} {domain.GetProperty("queue"),-20} on {domain.GetProperty("transport")}");

    /// <summary>Posts a webhook and returns its hops, once Analytics has counted that its flow is complete.</summary>
    public async Task<IReadOnlyList<JsonElement>> Post(Webhook webhook, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{webhook.Provider}") { Content = new ByteArrayContent(webhook.Body) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (header, value) in webhook.Headers)
            request.Headers.TryAddWithoutValidation(header, value);

        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new QuickstartException($"{webhook.Name} was answered with {(int)response.StatusCode}: {body}");

        using var accepted = JsonDocument.Parse(body);
        var journey = accepted.RootElement.GetProperty("journey").GetString()!;
        List<JsonElement> hops = [];

        await Until(
            async () =>
            {
                using var found = await _client.GetAsync(journey, cancellationToken);
                if (!found.IsSuccessStatusCode)
                    return false;

                hops = [.. (await found.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("hops").EnumerateArray()];
                if (hops.Find(hop => hop.GetProperty("outcome").GetString() == "failed") is { ValueKind: JsonValueKind.Object } failed)
                    throw new QuickstartException($"{webhook.Name} failed on its way: {failed}");

                return hops.Exists(hop => hop.GetProperty("messageType").GetString() == "FlowCompleted")
                    && hops.Select(hop => hop.GetProperty("queue").GetString()).Distinct().Count() >= 5;
            },
            $"bring {webhook.Name} through all five domains",
            cancellationToken);

        return hops;
    }

    public Task Ended(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It does not stop when asked; nothing of it is needed any more.
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
        _client.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    async Task Until(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));

        while (waited.Elapsed < Limit && !_process.HasExited)
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (HttpRequestException)
            {
                // The host does not listen yet.
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new QuickstartException($"The host did not {what} within {Limit.TotalSeconds:0} s. Its log:{Environment.NewLine}{Log()}");
    }

    void Keep(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    string Log()
    {
        lock (_log)
            return _log.ToString();
    }
}
