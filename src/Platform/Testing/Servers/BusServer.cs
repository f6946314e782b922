using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Testing;

/// <summary>
/// A whole bus with its HTTP endpoints on a port of this machine, in memory: what a host runs, with the domains of one test project.
/// </summary>
public sealed class BusServer : IAsyncDisposable
{
    readonly WebApplication _application;
    readonly TemporaryFolder _folder;

    BusServer(WebApplication application, TemporaryFolder folder)
    {
        _application = application;
        _folder = folder;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
    }

    /// <summary>Calls the endpoints.</summary>
    public HttpClient Client { get; }

    /// <summary>The bus.</summary>
    public IBus Bus => Services.GetRequiredService<IBus>();

    /// <summary>The server's services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Starts a server.</summary>
    /// <param name="host">The test's own assembly: its project file names the domains as <c>AssemblyMetadata</c>, like a host's.</param>
    /// <param name="settings">Configuration, such as <c>Bus:Queues:notifications:FirstRetryDelay</c>.</param>
    /// <param name="configure">Replaces or adds services before the bus adds its own.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<BusServer> Start(
        Assembly host, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken,
        Action<IServiceCollection>? configure = null)
    {
        var folder = new TemporaryFolder();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.Prepend(new("Bus:Transport", "memory")).Prepend(new("urls", "http://127.0.0.1:0"))
                .Prepend(new("Bus:Database:Path", folder.At("state.db"))));
        configure?.Invoke(builder.Services);
        builder.Services.AddTestCaller();
        builder.AddBus(host);
        builder.Services.AddProblemDetails();

        var application = builder.Build();
        application.MapBus();
        await application.StartAsync(cancellationToken);
        return new BusServer(application, folder);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
