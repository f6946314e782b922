using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Maestro.Bus.Access.Tests;

/// <summary>The whole host on a port of this machine, with all its domains and modules and a key of each role.</summary>
public sealed class WholeHost : WebApplicationFactory<Program>
{
    readonly TemporaryFolder _folder = new();
    readonly string _environment;
    readonly IReadOnlyDictionary<string, string?> _settings;

    public WholeHost(string environment, IReadOnlyDictionary<string, string?>? settings = null)
    {
        (_environment, _settings) = (environment, settings ?? new Dictionary<string, string?>());
        var port = Ports.Free();
        Address = new Uri($"http://127.0.0.1:{port}");
        UseKestrel(port);
        StartServer();
        Http = new HttpClient { BaseAddress = Address };
    }

    /// <summary>
    /// The names of the keys, each with the role in its name; <c>limited</c> is an administrator of the tenant globex only.
    /// </summary>
    public static IReadOnlyList<string> Callers { get; } = ["client", "reader", "operator", "admin", "limited"];

    public Uri Address { get; }

    /// <summary>Calls the host without a key.</summary>
    public HttpClient Http { get; }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string Key(string caller) => $"mbk_the-key-of-the-caller-{caller}";

    /// <summary>The full path of a file in the data folder.</summary>
    public string At(string file) => _folder.At(file);

    /// <summary>Sends a request.</summary>
    /// <param name="caller">The caller whose key is sent, or null for none.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path and query.</param>
    /// <param name="body">What is sent as JSON, or null for no body.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<HttpResponseMessage> Send(
        string? caller, string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (caller is not null)
            request.Headers.Add("X-Api-Key", Key(caller));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return await Http.SendAsync(request, Cancellation);
    }

    /// <summary>Gets a JSON value.</summary>
    public async Task<JsonElement> Get(string caller, string path)
    {
        using var response = await Send(caller, "GET", path);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        builder.ConfigureLogging(logging => logging.ClearProviders());
        builder.UseSetting("Bus:Transport", "memory");
        builder.UseSetting("Bus:Data:Folder", _folder.Path);
        builder.UseSetting("Bus:Database:Path", _folder.At("state.db"));

        foreach (var caller in Callers)
        {
            builder.UseSetting($"Bus:Access:Keys:{caller}:Hashes:0", ProbeServer.Hash(Key(caller)));
            builder.UseSetting($"Bus:Access:Keys:{caller}:Role", caller == "limited" ? "admin" : caller);
            builder.UseSetting($"Bus:Access:Keys:{caller}:Tenants:0", caller == "limited" ? "globex" : "*");
        }

        if (_environment == "Development")
            builder.UseSetting("Bus:Integration:Addresses:analytics:BaseAddress", $"{Address}");
        foreach (var (setting, value) in _settings)
            builder.UseSetting(setting, value);
    }

    protected override void Dispose(bool disposing)
    {
        Http?.Dispose();
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
