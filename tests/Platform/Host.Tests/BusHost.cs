using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Host.Tests;

/// <summary>The whole host on a port of this machine, with the settings for development, so that its flows can call its own API.</summary>
public sealed class BusHost : WebApplicationFactory<Program>
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();
    readonly int _port = Ports.Free();
    readonly IReadOnlyDictionary<string, string> _settings;
    readonly LogLines? _log;

    public BusHost(IReadOnlyDictionary<string, string> settings, LogLines? log = null)
    {
        (_settings, _log) = (settings, log);
        UseKestrel(_port);
        StartServer();
        // A body that is refused is not sent, however long a busy host takes to refuse it.
        Client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Limit })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{_port}"),
        };
        Client.DefaultRequestHeaders.Add("X-Api-Key", File.ReadAllText(_folder.At("development.key")).Trim());
    }

    /// <summary>Calls the host over HTTP, with the key for development.</summary>
    public HttpClient Client { get; }

    /// <summary>The files that it keeps.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories);

    /// <summary>The key with which the host's flows call the host itself.</summary>
    public string ReaderKey => File.ReadAllText(_folder.At("development-reader.key")).Trim();

    /// <summary>Awaits the hops of a journey up to the end of the flow that the webhook has started.</summary>
    public async Task<List<Hop>> Journey(string path)
    {
        List<Hop> hops = [];

        await Eventually.True(
            async () =>
            {
                using var response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
                if (!response.IsSuccessStatusCode)
                    return false;

                var journey = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
                hops = journey.GetProperty("hops").Deserialize<List<Hop>>(JsonSerializerOptions.Web)!;
                return hops.Exists(hop => hop.MessageType == "FlowCompleted");
            },
            Limit,
            $"the flow of {path} to complete",
            TestContext.Current.CancellationToken);

        return hops;
    }

    /// <summary>Waits until the host takes traffic.</summary>
    /// <returns>What it says of itself.</returns>
    /// <exception cref="TimeoutException">It does not; with what it says.</exception>
    public async Task<JsonElement> Ready(TimeSpan patience)
    {
        var answer = "";

        try
        {
            return JsonElement.Parse(await Eventually.Some(
                async () =>
                {
                    using var response = await Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
                    answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    return response.IsSuccessStatusCode ? answer : null;
                },
                patience, "a host that is ready", TestContext.Current.CancellationToken));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} It says: {answer}", exception);
        }
    }

    /// <summary>Awaits the end of a flow.</summary>
    public Task Completed(Uri flow) => Eventually.True(
        async () =>
        {
            using var found = await Client.GetAsync(flow, TestContext.Current.CancellationToken);
            return found.IsSuccessStatusCode
                && (await found.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken))
                    .GetProperty("state").GetString() == "Completed";
        },
        Limit, "the flow to complete", TestContext.Current.CancellationToken);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.ConfigureLogging(logging =>
        {
            logging.ClearProviders();
            if (_log is not null)
                logging.AddProvider(_log);
        });
        builder.UseSetting("Bus:Integration:Addresses:analytics:BaseAddress", $"http://127.0.0.1:{_port}");

        builder.UseSetting("Bus:Data:Folder", _folder.Path);
        builder.UseSetting("Bus:Database:Path", _folder.At("state.db"));

        foreach (var (setting, value) in _settings)
            builder.UseSetting(setting, value);
    }

    protected override void Dispose(bool disposing)
    {
        Client?.Dispose();
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
