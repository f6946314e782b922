using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace MaestroBus.Orchestration.Tests;

/// <summary>The domain's HTTP endpoints on a real server with a free port, and its bus in memory.</summary>
sealed class FlowsHost : IAsyncDisposable
{
    readonly WebApplication _app;

    FlowsHost(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    public HttpClient Client { get; }

    public BusDatabase Database => _app.Services.GetRequiredService<BusDatabase>();

    public ITestHarness Bus => _app.Services.GetRequiredService<ITestHarness>();

    /// <param name="settings">Configuration.</param>
    /// <param name="outbox">Whether the endpoints publish through the outbox, as they do in a host; otherwise directly, so that the harness
    /// sees it at once.</param>
    public static async Task<FlowsHost> Start(IEnumerable<KeyValuePair<string, string?>>? settings = null, bool outbox = false)
    {
        var builder = ValidatedHost.CreateWebEmptyBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        // A publish that a busy machine takes its time for is not given up.
        builder.Configuration.AddInMemoryCollection([new("Bus:Orchestration:PublishTimeout", "1m")]);
        builder.Configuration.AddInMemoryCollection((settings ?? []).Prepend(
            new("Bus:Database:Path", Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db"))));
        builder.Services.AddRouting().AddProblemDetails().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(new BusSettings())
            .AddTestCaller();

        var catalog = new DomainCatalog([new OrchestrationDomain()]);
        var domain = Assert.Single(catalog.Domains);
        var parts = new BusBuilder(builder.Services, builder.Configuration);
        parts.AddDomain(domain);
        parts.Problems.ThrowIfAny();

        builder.Services.AddMassTransitTestHarness(bus =>
        {
            bus.AddDomains(catalog);
            parts.ApplyTo(bus);
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });
        parts.Complete();

        var app = builder.Build();
        domain.MapEndpoints(outbox ? app.MapGroup("").WithMetadata(domain) : app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new FlowsHost(app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    /// <param name="json">The body of <c>POST /flows</c>.</param>
    /// <param name="caller">Who sends it, such as <c>Client acme</c>; null for an administrator of all tenants.</param>
    public Task<HttpResponseMessage> Post(string json, string? caller = null) => Send(HttpMethod.Post, "/flows", caller, json);

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? caller, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        if (caller is not null)
            request.Headers.Add(TestCaller.Header, caller);

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a body of <c>POST /flows</c> as it is.</summary>
    public async Task<HttpResponseMessage> Post(byte[] body, string contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await Client.PostAsync("/flows", content, TestContext.Current.CancellationToken);
    }

    public async Task<System.Text.Json.JsonElement> Get(string path) =>
        await Client.GetFromJsonAsync<System.Text.Json.JsonElement>(path, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
