using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Riders.Kafka.Tests;

public sealed class HealthTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_is_away_is_named_and_one_that_is_back_is_used_without_a_restart()
    {
        await using var server = await KafkaServer.StartMock(Cancel);
        var received = new Received<int>();
        var builder = ValidatedHost.CreateApplicationBuilder();
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddInMemoryCollection(
            [new("Bus:Transport", "memory"), new("Bus:Kafka:BootstrapServers", server.BootstrapServers)]);
        var domain = new ComplianceDomain("weather").On<Measured>(context => received.Add(context.Message.Number));
        builder.Services.AddBus(builder.Configuration, [domain], [], [new KafkaRider()]);
        using var host = builder.Build();
        await host.StartAsync(Cancel);
        var health = host.Services.GetRequiredService<HealthCheckService>();

        await Eventually.True(async () => await Status() == HealthStatus.Healthy, Limit, "a healthy broker", Cancel);
        await server.SwitchOff();
        await Eventually.True(
            async () => await Report() is { Status: HealthStatus.Unhealthy, Description: { } text }
                && text.Contains(server.BootstrapServers, StringComparison.Ordinal),
            Limit, "the missing broker to be named", Cancel);
        await Eventually.True(() => Task.FromResult(Outages().Any()), Limit, "the line of the outage", Cancel);
        Assert.Single(Outages());
        await server.SwitchOn();
        await Eventually.True(async () => await Status() == HealthStatus.Healthy, Limit, "the broker that is back to be named", Cancel);
        await Eventually.True(
            () => Task.FromResult(log.All.Any(line => line.StartsWith(
                $"Kafka at {server.BootstrapServers} is back after ", StringComparison.Ordinal))),
            Limit, "the line of the outage's end", Cancel);
        await host.StopAsync(Cancel);

        IEnumerable<string> Outages() => log.Of(LogLevel.Warning).Where(
            line => line.StartsWith($"Kafka at {server.BootstrapServers} cannot be reached: ", StringComparison.Ordinal));

        async Task<HealthReportEntry> Report() =>
            (await health.CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Entries["kafka"];

        async Task<HealthStatus> Status() => (await Report()).Status;
    }
}
