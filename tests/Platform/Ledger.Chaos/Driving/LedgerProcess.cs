using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Ledger.Chaos;

/// <summary>A host with the ledger, as a process of its own. It can be killed and started again on the same port.</summary>
public sealed class LedgerProcess : IAsyncDisposable
{
    const string Key = "mbk_the-key-of-the-ledgers-tests";

    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    readonly Dictionary<string, string> _environment;
    readonly HttpClient _client;
    ServerProcess? _process;

    /// <summary>Makes one.</summary>
    /// <param name="settings">Where its transport, its database and its data are, with <c>:</c> between the parts of a name.</param>
    /// <param name="hasOwnUrls">Whether the settings say where it listens.</param>
    public LedgerProcess(IEnumerable<KeyValuePair<string, string?>> settings, bool hasOwnUrls = false)
    {
        Address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        _client = NewClient();
        _environment = new Dictionary<string, string>
        {
            ["Logging__LogLevel__Default"] = "Warning",
            ["Bus__Database__Migrate"] = "true",
            ["Bus__Access__Keys__ledger__Hashes__0"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key))),
            ["Bus__Access__Keys__ledger__Role"] = "admin",
            ["Bus__Access__Keys__ledger__Tenants__0"] = "*",
        };
        if (!hasOwnUrls)
            _environment["ASPNETCORE_URLS"] = $"{Address}";
        foreach (var (name, value) in settings)
            _environment[name.Replace(":", "__", StringComparison.Ordinal)] = value ?? "";
    }

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>The system's number of the process.</summary>
    public int Id => _process!.Id;

    /// <summary>The newest lines of its log.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Makes a client that the hosts know.</summary>
    public static HttpClient NewClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 100, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        client.DefaultRequestHeaders.Add("X-Api-Key", Key);
        return client;
    }

    public void Start() => _process = ServerProcess.Start(
        $"The host {Address.Port}", "dotnet", [typeof(LedgerProcess).Assembly.Location], "nothing: it is built with the tests",
        _environment);

    /// <summary>How often it has ended by itself, and was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Waits until it takes traffic.</summary>
    /// <exception cref="ServerException">It has ended by itself, or is not ready within three minutes.</exception>
    public Task Ready(CancellationToken cancellationToken) => _process!.Ready(IsReady, StartLimit, cancellationToken);

    /// <summary>Waits until it takes traffic, and starts it again if it has ended, as an orchestrator does.</summary>
    public async Task Attended(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Ready(cancellationToken);
                return;
            }
            catch (ServerException exception) when (_process!.HasExited)
            {
                Console.WriteLine(exception.Message);
                Restarts++;
                Start();
            }
        }
    }

    /// <summary>Kills it as kill -9 does.</summary>
    public Task Kill() => _process!.Kill();

    /// <summary>Has it stand still, or go on.</summary>
    public Task Freeze(bool isFrozen) => _process!.Signal(isFrozen ? "STOP" : "CONT");

    /// <summary>What <c>/health/ready</c> answers; null if it does not.</summary>
    public async Task<HttpStatusCode?> Health(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(Address, "/health/ready"), cancellationToken);
            return response.StatusCode;
        }
        catch (Exception exception) when (
            exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It does not listen yet, or hangs in what it is waiting for.
            return null;
        }
    }

    /// <summary>Sends it an entry.</summary>
    /// <exception cref="HttpRequestException">It has not taken it.</exception>
    public Task Send(Entry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Post("/entries", new EntryRequest(NewId.NextGuid(), entry.Key, entry.Value), cancellationToken);
    }

    /// <summary>Submits a job that stays in work.</summary>
    /// <exception cref="HttpRequestException">It has not taken it.</exception>
    public Task Submit(Guid id, Stay job, CancellationToken cancellationToken) =>
        Post("/admin/jobs", new { id, type = nameof(Stay), job }, cancellationToken);

    /// <summary>Cancels a job.</summary>
    /// <exception cref="HttpRequestException">It has not done so.</exception>
    public Task Cancel(Guid id, CancellationToken cancellationToken) => Post($"/admin/jobs/{id}/cancel", new { }, cancellationToken);

    /// <summary>Stops it as an orchestrator does.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> Stop(CancellationToken cancellationToken) => _process!.Stop(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    async Task Post<T>(string path, T body, CancellationToken cancellationToken)
    {
        using var response = await _client.PostAsJsonAsync(new Uri(Address, path), body, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    async Task<bool> IsReady(CancellationToken cancellationToken) => await Health(cancellationToken) == HttpStatusCode.OK;
}
