using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>The whole host while its RabbitMQ dies and comes back.</summary>
public sealed class OutageTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dead_broker_shows_and_the_host_recovers_without_a_restart()
    {
        await using var server = new RabbitMqServer();
        await server.Start(Cancellation);
        await using var host = new BusHost(
            new Dictionary<string, string> { ["Bus:Transport"] = "rabbitmq", ["Bus:RabbitMq:Url"] = server.Url });
        Assert.Equal(HttpStatusCode.Accepted, (await Post("before")).StatusCode);
        await host.Journey(Journey("before"));

        // The broker dies in the middle of work: what consumers publish at that moment must not keep their queues from coming back.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var accepted = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(Load));
        await Eventually.True(() => Task.FromResult(accepted >= 40), Limit, "messages in work", Cancellation);

        await server.Kill();
        await Eventually.True(
            async () => await Ready() is (HttpStatusCode.ServiceUnavailable, "Unhealthy" or "Degraded"),
            Limit, "health to name the dead broker", Cancellation);
        var refused = await Post("meanwhile");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/live", Cancellation)).StatusCode);

        await server.Start(Cancellation);
        await Eventually.True(
            async () => (await Post("after")).StatusCode == HttpStatusCode.Accepted, Limit, "a webhook to be taken again", Cancellation);
        await Eventually.True(async () => await Ready() is (HttpStatusCode.OK, "Healthy"), Limit, "health to recover", Cancellation);
        await enough.CancelAsync();
        await load;
        Assert.Equal(HttpStatusCode.Accepted, (await Post("last")).StatusCode);
        await host.Journey(Journey("last"));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.GetAsync(Journey("meanwhile"), Cancellation)).StatusCode);

        async Task Load(int sender)
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                if ((await Post($"load-{sender}-{i}")).StatusCode == HttpStatusCode.Accepted)
                    Interlocked.Increment(ref accepted);
                await pace.WaitForNextTickAsync(Cancellation);
            }
        }

        static string Journey(string delivery) => $"/journeys/{DeterministicId.Of("webhook", "acme", "github", delivery)}";

        Task<HttpResponseMessage> Post(string delivery) => host.Client.SendAsync(SampleWebhook.Push(delivery), Cancellation);

        async Task<(HttpStatusCode Code, string? Broker)> Ready()
        {
            using var response = await host.Client.GetAsync("/health/ready", Cancellation);
            var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            return (response.StatusCode, health.GetProperty("checks").GetProperty("rabbitmq").GetProperty("status").GetString());
        }
    }
}
