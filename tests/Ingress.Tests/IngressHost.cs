using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Ingress.Tests;

/// <summary>The domain behind a real web server on a free port, with MassTransit's harness for the bus.</summary>
sealed class IngressHost : IAsyncDisposable
{
    readonly WebApplication _app;

    IngressHost(WebApplication app, LogLines log)
    {
        _app = app;
        Log = log;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public static IEnumerable<KeyValuePair<string, string?>> Settings { get; } = new Dictionary<string, string?>
    {
        // A publish that a busy machine takes its time for is not given up.
        ["Bus:Ingress:PublishTimeout"] = "1m",
        ["Bus:Ingress:Priorities:push"] = "7",
        ["Bus:Ingress:Providers:GitHub:Scheme"] = "github",
        ["Bus:Ingress:Providers:GitHub:Secret"] = Signed.GitHubSecret,
        ["Bus:Ingress:Providers:GitHub:PreviousSecret"] = Signed.PreviousSecret,
        ["Bus:Ingress:Providers:GitHub:Tenant"] = "acme",
        ["Bus:Ingress:Providers:GitHub:TenantHeader"] = "X-Tenant",
        ["Bus:Ingress:Providers:stripe:Scheme"] = "stripe",
        ["Bus:Ingress:Providers:stripe:Secret"] = Signed.StripeSecret,
        ["Bus:Ingress:Providers:orders:Scheme"] = "hmac",
        ["Bus:Ingress:Providers:orders:Secret"] = Signed.OrdersSecret,
        ["Bus:Ingress:Providers:orders:SignaturePrefix"] = "sha256=",
        ["Bus:Ingress:Providers:orders:EventIdField"] = "id",
        ["Bus:Ingress:Providers:orders:EventTypeField"] = "type",
        ["Bus:Ingress:Providers:plain:Scheme"] = "hmac",
        ["Bus:Ingress:Providers:plain:Secret"] = Signed.OrdersSecret,
    };

    /// <summary>The header that has the host take a request's connection for a configured proxy's.</summary>
    public static (string Name, string Value) ThroughProxy => ("X-Test-Proxy", "1");

    public Uri Address { get; }

    public HttpClient Http { get; }

    public LogLines Log { get; }

    public IServiceProvider Services => _app.Services;

    public ITestHarness Bus => _app.Services.GetRequiredService<ITestHarness>();

    public static async Task<IngressHost> Start(
        IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IBusRegistrationConfigurator>? bus = null, bool replace = false)
    {
        var log = new LogLines();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Configuration.AddInMemoryCollection(replace ? [] : Settings).AddInMemoryCollection(settings);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Warning);

        var catalog = new DomainCatalog([new IngressDomain()]);
        builder.Services.AddProblemDetails().AddSingleton(catalog).AddSingleton<TimeProvider>(new Clock())
            .AddSingleton(new BusSettings { DefaultTenant = "initech" });

        var domain = new BusBuilder(builder.Services, builder.Configuration);
        catalog.Domains.Single().AddServices(domain);
        domain.Problems.ThrowIfAny();

        builder.Services.AddMassTransitTestHarness(registration =>
        {
            registration.AddDomains(catalog);
            bus?.Invoke(registration);
        });
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);

        var app = builder.Build();
        app.UseExceptionHandler();

        // What the host's access module does for the connections of configured proxies.
        app.Use((context, next) =>
        {
            if (context.Request.Headers.ContainsKey(ThroughProxy.Name))
                context.Features.Set(ForwardedRequest.Mark);

            return next(context);
        });
        catalog.Domains.Single().MapEndpoints(app);
        await app.StartAsync();
        return new IngressHost(app, log);
    }

    public async Task<Answer> Post(string provider, byte[] body, IEnumerable<(string Name, string Value)> headers,
        string contentType = "application/json", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{provider}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TransferEncodingChunked = chunked ? true : null;

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    public Task<Answer> Post(string provider, string body, params IEnumerable<(string Name, string Value)> headers) =>
        Post(provider, Encoding.UTF8.GetBytes(body), headers);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public void MustBeProblem(HttpStatusCode status, string detail)
    {
        Assert.True(Status == status, $"{(int)Status} {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.Contains(detail, Json.GetProperty("detail").GetString());
    }
}
