using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>What HTTP answers while the rest of the host still starts.</summary>
public sealed class StartOrderTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_listens_before_anything_else_starts_and_answers_503_to_all_but_its_health()
    {
        var slow = new SlowService();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("urls", $"http://127.0.0.1:{Ports.Free()}"), new("Bus:Transport", "memory")]);
        builder.Services.AddHostedService(_ => slow);
        builder.AddBus(typeof(StartOrderTests).Assembly);
        await using var app = builder.Build();
        app.MapBus();
        app.MapGet("/probe", () => "");
        using var client = new HttpClient { BaseAddress = new Uri(builder.Configuration["urls"]!) };

        var starting = app.StartAsync(Cancellation);
        await slow.Starting.Task.WaitAsync(Cancellation);
        var isBusStarted = app.Services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (await Get("/health/live"), await Get("/health/ready")));
        using var refusal = await client.GetAsync("/probe", Cancellation);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"),
            (refusal.StatusCode, refusal.Content.Headers.ContentType?.MediaType));
        Assert.Equal(TimeSpan.FromSeconds(1), refusal.Headers.RetryAfter?.Delta);
        Assert.False(isBusStarted);

        slow.Go.SetResult();
        await starting;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await Get("/health/live"), await Get("/probe")));
        await Eventually.True(
            async () => await Get("/health/ready") == HttpStatusCode.OK, TimeSpan.FromMinutes(1), "a host that is ready", Cancellation);

        // It stops first, so that nothing is accepted that cannot be done any more.
        slow.Stopping = async () => await Assert.ThrowsAsync<HttpRequestException>(() => Get("/health/live"));
        await app.StopAsync(Cancellation);
        Assert.True(slow.HasStopped);

        async Task<HttpStatusCode> Get(string path)
        {
            using var fresh = new HttpClient { BaseAddress = client.BaseAddress };
            using var response = await fresh.GetAsync(path, Cancellation);
            return response.StatusCode;
        }
    }

    sealed class SlowService : IHostedService
    {
        public TaskCompletionSource Starting { get; } = new();

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Task> Stopping { get; set; } = () => Task.CompletedTask;

        public bool HasStopped { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starting.SetResult();
            return Go.Task.WaitAsync(cancellationToken);
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await Stopping();
            HasStopped = true;
        }
    }
}
