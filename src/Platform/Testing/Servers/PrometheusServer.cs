using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Maestro.Bus.Testing;

/// <summary>A Prometheus of the test's own, which reads the metrics of one or several hosts every second.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    const string Install = "apt-get install -y prometheus";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();
    readonly HttpClient _client;
    readonly ServerProcess _process;

    PrometheusServer(string configuration)
    {
        var port = Ports.Free();
        File.WriteAllText(_folder.At("prometheus.yml"), configuration);
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };
        _process = ServerProcess.Start(
            "Prometheus", "prometheus",
            [
                $"--config.file={_folder.At("prometheus.yml")}", $"--storage.tsdb.path={_folder.At("data")}",
                $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
            ],
            Install);
    }

    /// <summary>Starts a server and waits until it answers queries.</summary>
    /// <param name="hosts">The hosts' addresses.</param>
    /// <param name="key">The key that it sends them, as <c>Authorization: Bearer</c>.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ServerException">It is not installed, or did not start.</exception>
    public static async Task<PrometheusServer> Start(IEnumerable<Uri> hosts, string key, CancellationToken cancellationToken)
    {
        var server = new PrometheusServer(
            $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: bus
                authorization:
                  credentials: {key}
                static_configs:
                  - targets: [{string.Join(", ", hosts.Select(host => $"'{host.Authority}'"))}]
            """);

        try
        {
            await server._process.Ready(server.Answers, StartLimit, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a query now.</summary>
    /// <param name="query">The query, in PromQL, whose result is a vector.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The values by their labels, such as <c>outcome=handled</c>, in alphabetical order and separated by commas.</returns>
    public async Task<IReadOnlyDictionary<string, double>> Query(string query, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync($"query?query={Uri.EscapeDataString(query)}", cancellationToken);
        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        if (answer.GetProperty("status").GetString() != "success")
            throw new ServerException($"Prometheus refuses the query {query}: {answer.GetProperty("error").GetString()}");

        return answer.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            series => string.Join(',', series.GetProperty("metric").EnumerateObject()
                .Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal)),
            series => double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task<bool> Answers(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync("query?query=1", cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }
}
