using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Messaging.Tests;

public sealed class ReadinessTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paused_queue_is_told_with_its_reason_and_the_process_is_ready_all_the_same_until_the_bus_stops()
    {
        var builder = WebApplication.CreateSlimBuilder();
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

    static async Task<(HttpStatusCode Status, string Health, string Reason)> Ready(HttpClient client)
    {
        using var response = await client.GetAsync("/health/ready", Cancel);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return (response.StatusCode, health.GetProperty("status").GetString()!, health.GetProperty("checks").GetProperty("queues").GetProperty("description").GetString()!);
    }
}
