using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MaestroBus.Quickstart;

/// <summary>The scaffolded host as a process.</summary>
sealed class RunningHost : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    readonly StringBuilder _log = new();
    readonly HttpClient _client;
    readonly Process _process;
    bool _disposed;

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

    /// <summary>Starts the program in its project's folder, as <c>dotnet run</c> would, and awaits that it is ready.</summary>
    public static async Task<RunningHost> Start(string program, Solution solution, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet", [program, "--contentRoot", solution.Host, "--urls", address.ToString(),
            $"--Bus:Integration:Addresses:analytics:BaseAddress={address}"])
        {
            WorkingDirectory = solution.Host,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development" },
        };

        var host = new RunningHost(Process.Start(start)!, address);
        try
        {
            await host.Until(async () => (await host._client.GetAsync("/health/ready", cancellationToken)).IsSuccessStatusCode,
                "become ready", cancellationToken);
            host._client.DefaultRequestHeaders.Add("X-Api-Key", (await File.ReadAllTextAsync(solution.KeyFile, cancellationToken)).Trim());
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

    /// <summary>Posts a webhook and returns where its journey can be read.</summary>
    public async Task<string> Post(Webhook webhook, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{webhook.Provider}")
        {
            Content = new ByteArrayContent(webhook.Body),
        };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (header, value) in webhook.Headers)
            request.Headers.TryAddWithoutValidation(header, value);

        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new QuickstartException($"{webhook.Name} was answered with {(int)response.StatusCode}: {body}");

        using var accepted = JsonDocument.Parse(body);
        return accepted.RootElement.GetProperty("journey").GetString()!;
    }

    /// <summary>The hops of a journey, once Analytics has counted that its flow is complete.</summary>
    public async Task<IReadOnlyList<JsonElement>> Hops(string journey, CancellationToken cancellationToken)
    {
        List<JsonElement> hops = [];

        await Until(
            async () =>
            {
                using var found = await _client.GetAsync(journey, cancellationToken);
                if (!found.IsSuccessStatusCode)
                    return false;

                hops = [.. (await found.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("hops").EnumerateArray()];
                if (hops.Find(hop => hop.GetProperty("outcome").GetString() == "failed") is { ValueKind: JsonValueKind.Object } failed)
                    throw new QuickstartException($"{journey} failed on its way: {failed}");

                return hops.Exists(hop => hop.GetProperty("messageType").GetString() == "FlowCompleted")
                    && hops.Select(hop => hop.GetProperty("queue").GetString()).Distinct().Count() >= 5;
            },
            $"bring {journey} through all five domains",
            cancellationToken);

        return hops;
    }

    /// <summary>How many flows of the samples' tenant have come to their end, as Analytics has counted them.</summary>
    public async Task<long> CompletedFlows(CancellationToken cancellationToken) =>
        (await _client.GetFromJsonAsync<JsonElement>("/analytics/usage?tenant=acme", cancellationToken))
            .GetProperty("usage").EnumerateArray()
            .Where(usage => usage.GetProperty("messageType").GetString() == "FlowCompleted")
            .Sum(usage => usage.GetProperty("count").GetInt64());

    /// <summary>Awaits that so many flows have come to their end.</summary>
    public Task AwaitCompletedFlows(long count, CancellationToken cancellationToken) =>
        Until(async () => await CompletedFlows(cancellationToken) == count, $"complete {count} flows", cancellationToken);

    public Task Ended(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;

        _disposed = true;
        await Stop("TERM");
        _process.Dispose();
        _client.Dispose();
    }

    /// <summary>Ends the process with a signal.</summary>
    public async Task Stop(string signal)
    {
        if (_process.HasExited)
            return;

        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        using var limit = new CancellationTokenSource(StopLimit);
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
