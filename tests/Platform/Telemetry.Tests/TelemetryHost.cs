using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>A host with the orders, keys and metrics, on a port of this machine.</summary>
sealed class TelemetryHost : IAsyncDisposable
{
    public const string AdminKey = "mbk_the-key-of-an-administrator-in-tests";
    public const string ReaderKey = "mbk_the-key-of-a-reader-in-tests";
    public const string ClientKey = "mbk_the-key-of-a-client-in-tests";
    public const string AcmeKey = "mbk_the-key-of-a-reader-of-acme-in-tests";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly WebApplication _application;
    readonly TemporaryFolder _folder;
    bool _isDisposed;

    TelemetryHost(WebApplication application, TemporaryFolder folder)
    {
        (_application, _folder) = (application, folder);
        Address = new Uri(application.Urls.First());
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _application.Services;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a host.</summary>
    /// <param name="settings">The transport, and other settings.</param>
    /// <param name="configure">Adds services before the bus adds its own.</param>
    /// <param name="modules">Modules beside those for access and metrics.</param>
    public static async Task<TelemetryHost> Start(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null, params BusModule[] modules)
    {
        var folder = new TemporaryFolder();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Bus:Data:Folder"] = folder.Path,
            ["Bus:Database:Path"] = folder.At("state.db"),
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Sqlite:Path"] = folder.At("bus.db"),
        });
        foreach (var (name, key, tenant) in new[]
            { ("admin", AdminKey, "*"), ("reader", ReaderKey, "*"), ("client", ClientKey, "*"), ("reader-acme", AcmeKey, "acme") })
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                [$"Bus:Access:Keys:{name}:Hashes:0"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))),
                [$"Bus:Access:Keys:{name}:Role"] = name.Split('-')[0],
                [$"Bus:Access:Keys:{name}:Tenants:0"] = tenant,
            });
        }

        builder.Configuration.AddInMemoryCollection(settings);
        configure?.Invoke(builder.Services);
        builder.Services.AddBus(
            builder.Configuration, [new OrderDomain()], [new RabbitMqTransport(), new SqliteTransport()],
            [new AccessModule(), new TelemetryModule(), .. modules]);

        var application = builder.Build();
        application.MapBus();
        await application.StartAsync(Cancellation);
        return new TelemetryHost(application, folder);
    }

    /// <summary>Places an order over HTTP.</summary>
    public async Task Place(Guid id, string name, int failures)
    {
        using var answer = await Send(HttpMethod.Post, $"/orders/{id}/{name}/{failures}", ClientKey);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sends a request.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? key, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return await Http.SendAsync(request, Cancellation);
    }

    /// <summary>Reads the metrics as Prometheus does.</summary>
    public async Task<string> Page(string? accept = null)
    {
        using var answer = await Send(HttpMethod.Get, "/metrics", ReaderKey, accept);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>Reads the metrics by name and labels, as they stand on the page.</summary>
    public async Task<Dictionary<string, double>> Metrics() => (await Page()).Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));

    /// <summary>Waits until metrics have values.</summary>
    /// <exception cref="TimeoutException">They have not; with what they are.</exception>
    public async Task Until(params (string Series, double Value)[] expected)
    {
        List<string> seen = [];

        try
        {
            await Eventually.True(
                async () =>
                {
                    var metrics = await Metrics();
                    seen = [.. expected.Select(series => $"{series.Series} {metrics.GetValueOrDefault(series.Series, double.NaN)}")];
                    return expected.All(series => metrics.TryGetValue(series.Series, out var value) && value == series.Value);
                },
                Limit, "metrics", Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} They are {string.Join(", ", seen)}.", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        Http.Dispose();
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
