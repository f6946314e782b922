using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class ReadinessTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paused_queue_is_told_with_its_reason_and_the_process_is_ready_all_the_same_until_the_bus_stops()
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Services.AddTestCaller();
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], []);
        await using var app = builder.Build();
        app.MapBus();
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var control = app.Services.GetRequiredService<QueueControls>().Find("probe")!;

        Assert.Equal((HttpStatusCode.OK, "Healthy", "No queue is paused."), await Ready(client));

        for (var failure = 0; failure < 5; failure++)
            control.Breaker.MetDown(Turn.Go, NewId.NextGuid(), new HttpRequestException("It is down."));

        var (status, health, reason) = await Ready(client);
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (status, health));
        Assert.StartsWith("probe is paused by its circuit breaker since ", reason, StringComparison.Ordinal);
        Assert.EndsWith(": System.Net.Http.HttpRequestException: It is down.", reason, StringComparison.Ordinal);

        await app.Services.GetRequiredService<IBusControl>().StopAsync(Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Ready(client)).Status);
    }

    [Fact]
    public async Task However_often_callers_without_a_key_ask_the_checks_run_once_a_second()
    {
        var clock = new Stopwatches();
        var check = new CountedCheck();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Configuration["Bus:Transport"] = "memory";
        builder.AddBus(typeof(ReadinessTests).Assembly);
        builder.Services.AddHealthChecks().AddCheck("counted", check, tags: [HealthTags.Ready]);
        builder.Services.Configure<HealthCheckPublisherOptions>(options => options.Delay = TimeSpan.FromDays(1));
        await using var app = builder.Build();
        app.MapBus();
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await Ask(20);
        Assert.Equal(1, check.Runs);

        clock.Pass(TimeSpan.FromMilliseconds(999));
        await Ask(20);
        Assert.Equal(1, check.Runs);

        clock.Pass(TimeSpan.FromMilliseconds(1));
        check.Result = HealthStatus.Unhealthy;
        await Ask(20, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(2, check.Runs);

        async Task Ask(int times, HttpStatusCode expected = HttpStatusCode.OK)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, times).Select(_ => client.GetAsync("/health/ready", Cancel)));
            foreach (var answer in answers)
            {
                using (answer)
                {
                    Assert.Equal((expected, true), (answer.StatusCode, answer.Headers.CacheControl!.NoStore));
                    var text = await answer.Content.ReadAsStringAsync(Cancel);
                    Assert.Equal($$"""{"status":"{{check.Result}}"}""", text);
                }
            }
        }
    }

    sealed class CountedCheck : IHealthCheck
    {
        int _runs;

        public int Runs => _runs;

        public HealthStatus Result { get; set; } = HealthStatus.Healthy;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _runs);
            return Task.FromResult(new HealthCheckResult(Result, "This is not for everybody."));
        }
    }

    static async Task<(HttpStatusCode Status, string Health, string Reason)> Ready(HttpClient client)
    {
        using var response = await client.GetAsync("/health/ready", Cancel);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return (response.StatusCode, health.GetProperty("status").GetString()!,
            health.GetProperty("checks").GetProperty("queues").GetProperty("description").GetString()!);
    }
}
