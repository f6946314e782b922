using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Access.Tests;

/// <summary>A bus with the probe domain on a port of this machine.</summary>
sealed class ProbeServer : IAsyncDisposable
{
    public const string AdminKey = "mbk_the-key-of-an-administrator-in-tests";
    public const string ReaderKey = "mbk_the-key-of-a-reader-in-tests";
    public const string ClientKey = "mbk_the-key-of-a-client-in-tests";
    public const string AcmeKey = "mbk_the-key-of-an-operator-of-acme-in-tests";

    readonly WebApplication _application;
    readonly TemporaryFolder _folder;

    ProbeServer(WebApplication application, TemporaryFolder folder, LogLines log)
    {
        (_application, _folder, Log) = (application, folder, log);
        Http = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
    }

    /// <summary>The settings of four keys.</summary>
    public static Dictionary<string, string?> Keys { get; } = new()
    {
        ["Bus:Access:Keys:boss:Hashes:0"] = Hash(AdminKey),
        ["Bus:Access:Keys:boss:Role"] = "admin",
        ["Bus:Access:Keys:boss:Tenants:0"] = "*",
        ["Bus:Access:Keys:watcher:Hashes:0"] = Hash(ReaderKey),
        ["Bus:Access:Keys:watcher:Tenants:0"] = "*",
        ["Bus:Access:Keys:shop:Hashes:0"] = Hash(ClientKey),
        ["Bus:Access:Keys:shop:Role"] = "client",
        ["Bus:Access:Keys:shop:Tenants:0"] = "*",
        ["Bus:Access:Keys:acme:Hashes:0"] = Hash(AcmeKey),
        ["Bus:Access:Keys:acme:Role"] = "operator",
        ["Bus:Access:Keys:acme:Tenants:0"] = "acme",
    };

    public HttpClient Http { get; }

    public LogLines Log { get; }

    public IServiceProvider Services => _application.Services;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <param name="settings">Settings beside the four keys.</param>
    /// <param name="environment">The host's environment.</param>
    /// <param name="keys">Other keys than the four.</param>
    /// <param name="time">Another clock than the machine's.</param>
    /// <param name="arguments">The host's arguments.</param>
    public static async Task<ProbeServer> Start(
        Dictionary<string, string?>? settings = null, string environment = "Production", Dictionary<string, string?>? keys = null,
            TimeProvider? time = null, params string[] arguments)
    {
        var (folder, log) = (new TemporaryFolder(), new LogLines());
        var builder = ValidatedHost.CreateWebBuilder(
            new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = folder.Path, Args = arguments });
        builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["urls"] = "http://127.0.0.1:0", ["Bus:Transport"] = "memory" });
        builder.Configuration.AddInMemoryCollection(keys ?? Keys).AddInMemoryCollection(settings);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], [], new AccessModule());

        var application = builder.Build();
        application.MapBus();
        await application.StartAsync(Cancellation);
        return new ProbeServer(application, folder, log);
    }

    /// <summary>The full path of a file below the content root.</summary>
    public string At(string file) => _folder.At(file);

    /// <summary>Sends a request with headers.</summary>
    public async Task<Answer> Send(string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body)
            {
                Headers = { ContentType = MediaTypeHeaderValue.Parse(
                    headers.FirstOrDefault(header => header.Name == "Content-Type").Value ?? "application/json") },
            };
        foreach (var (name, value) in headers.Where(header => header.Name != "Content-Type"))
            request.Headers.TryAddWithoutValidation(name, value);

        using var response = await Http.SendAsync(request, Cancellation);
        return new Answer(response, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Gets a path with a key.</summary>
    public Task<Answer> Get(string path, string? key = null, params (string Name, string Value)[] headers) =>
        Send("GET", path, null, key is null ? headers : [("X-Api-Key", key), .. headers]);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>An answer.</summary>
sealed record Answer(HttpResponseMessage Response, string Text)
{
    public int Status => (int)Response.StatusCode;

    public Seen Seen => JsonSerializer.Deserialize<Seen>(Text, JsonSerializerOptions.Web)!;

    /// <summary>The title and the detail of a problem.</summary>
    public string Problem
    {
        get
        {
            Assert.Equal("application/problem+json", Response.Content.Headers.ContentType?.MediaType);
            var problem = JsonElement.Parse(Text);
            return $"{problem.GetProperty("title").GetString()} {problem.GetProperty("detail").GetString()}";
        }
    }
}
