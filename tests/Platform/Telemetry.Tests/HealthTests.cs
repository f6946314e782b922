using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>What a host tells of the servers that it depends on.</summary>
public sealed class HealthTests : IAsyncDisposable
{
    const string Health = "messaging_broker_health{broker=\"rabbitmq\"}";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly RabbitMqServer _server = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_dies_and_comes_back_shows_in_the_metric_and_with_its_error_in_the_details()
    {
        await _server.Start(Cancellation);
        await using var host = await TelemetryHost.Start(
            new Dictionary<string, string?> { ["Bus:Transport"] = "rabbitmq", ["Bus:RabbitMq:Url"] = _server.Url });
        await host.Until((Health, 1));

        await _server.Kill();
        await host.Until((Health, 0));
        var away = await Until(host, "Unhealthy");
        Assert.Equal("broker", away.GetProperty("kind").GetString());
        Assert.NotEmpty(away.GetProperty("lastError").GetString()!);

        await _server.Start(Cancellation);
        await host.Until((Health, 1));
        var back = await Until(host, "Healthy");
        Assert.True(back.GetProperty("reconnects").GetInt32() >= 1);
        Assert.True(back.GetProperty("since").GetDateTimeOffset() > away.GetProperty("since").GetDateTimeOffset());
    }

    [Fact]
    public async Task Details_are_for_readers_and_that_the_host_has_started_for_everybody()
    {
        await using var host = await TelemetryHost.Start(new Dictionary<string, string?> { ["Bus:Transport"] = "memory" });

        Assert.Equal(HttpStatusCode.OK, await Status(host, "/health/startup", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(host, "/health/brokers", null));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(host, "/health/brokers", TelemetryHost.ClientKey));
        Assert.Equal(HttpStatusCode.OK, await Status(host, "/health/brokers", TelemetryHost.AcmeKey));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    static async Task<HttpStatusCode> Status(TelemetryHost host, string path, string? key)
    {
        using var answer = await host.Send(HttpMethod.Get, path, key);
        return answer.StatusCode;
    }

    static async Task<JsonElement> Until(TelemetryHost host, string status)
    {
        var found = default(JsonElement);
        await Eventually.True(
            async () =>
            {
                using var answer = await host.Send(HttpMethod.Get, "/health/brokers", TelemetryHost.ReaderKey);
                var all = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
                found = all.GetProperty("dependencies").EnumerateArray()
                    .First(dependency => dependency.GetProperty("name").GetString() == "rabbitmq-work");
                return found.GetProperty("status").GetString() == status;
            },
            Limit, $"a broker that is {status}", Cancellation);
        return found;
    }
}
