using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class ProtectionSettingsTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Wrong_values_stop_the_start_with_all_that_is_wrong()
    {
        var exception = Assert.Throws<BusConfigurationException>(() => Build(new()
        {
            ["Bus:Queues:probe:Retry:Never:0"] = "NoSuchException",
            ["Bus:Queues:probe:Retry:Only:0"] = "System.String",
            ["Bus:Queues:probe:CircuitBreaker:Exceptions:0"] = "Nonsense",
            ["Bus:Queues:probe:CircuitBreaker:ProbeInterval"] = "0s",
            ["Bus:Queues:probe:KillSwitch:TripThreshold"] = "101",
            ["Bus:Queues:probe:RateLimit:Algorithm"] = "Leaky",
            ["Bus:Queues:probe:ProcessingTimeout"] = "0s",
            ["Bus:Idempotency:Retention"] = "1m",
            ["Bus:PublishLimits:ProbeMessage:MaxWait"] = "1s",
        }));

        foreach (var problem in new[]
        {
            "Bus:Queues:probe:Retry:Never is 'NoSuchException'. No exception has this name.",
            "Bus:Queues:probe:Retry:Only is 'System.String'. No exception has this name.",
            "Bus:Queues:probe:CircuitBreaker:Exceptions is 'Nonsense'. No exception has this name.",
            "Bus:Queues:probe:CircuitBreaker:ProbeInterval is '00:00:00'. Use a duration from 10ms to 1h, such as 2s.",
            "Bus:Queues:probe:KillSwitch:TripThreshold is '101'. Use a whole number of percent from 1 to 100.",
            "Bus:Queues:probe:RateLimit:Algorithm is 'Leaky'. Use one of TokenBucket, SlidingWindow.",
            "Bus:Queues:probe:ProcessingTimeout is '00:00:00'. Use a duration from 1ms to 1d, such as 30s.",
            "Bus:Idempotency:Retention is '00:01:00'. Use a duration from twice the Window to 365d, such as 24h.",
            "Bus:PublishLimits:ProbeMessage:Permits is not set. Say how many messages may pass in a period, such as 100.",
        })
            Assert.Contains(problem, exception.Message);
    }

    [Fact]
    public void Values_are_laid_over_the_domain_s_own()
    {
        using var host = Build(new()
        {
            ["Bus:Queues:probe:Retry:Never:0"] = "FileNotFoundException",
            ["Bus:Queues:probe:CircuitBreaker:Failures"] = "9",
            ["Bus:Queues:probe:RateLimit:Permits"] = "50",
            ["Bus:Queues:probe:ProcessingTimeout"] = "30s",
        });

        var policy = host.Services.GetRequiredService<QueuePolicies>().Of("probe");
        Assert.Equal(
            (9, 50, 30.0), (policy.CircuitBreaker.Failures, policy.RateLimit.Permits, policy.ProcessingTimeout!.Value.TotalSeconds));
        Assert.Equal(["FileNotFoundException"], policy.Retry.Never);
        Assert.Equal(new CircuitBreakerPolicy().Exceptions, policy.CircuitBreaker.Exceptions);
        Assert.Empty(new QueuePolicy().Retry.Never);
    }

    [Fact]
    public async Task A_limit_for_what_the_bus_does_not_have_stops_the_start()
    {
        using var host = Build(
            new()
            {
                ["Bus:PublishLimits:Orders:Permits"] = "1",
                ["Bus:PublishLimits:probe:Permits"] = "1",
                ["Bus:PublishLimits:ProbeMessage:Permits"] = "1",
            });

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => host.StartAsync(Cancel));
        Assert.Contains(
            "Bus:PublishLimits:Orders is not a setting: there is no message type and no queue of this name.", exception.Message);
        Assert.Contains("1 setting is wrong", exception.Message);
    }

    [Fact]
    public async Task Whoever_publishes_more_than_the_limit_waits_and_is_refused_in_the_end()
    {
        using var host = Build(new()
        {
            ["Bus:PublishLimits:ProbeMessage:Permits"] = "2",
            ["Bus:PublishLimits:ProbeMessage:Period"] = "1h",
            ["Bus:PublishLimits:ProbeMessage:MaxWait"] = "100ms",
        });
        await host.StartAsync(Cancel);
        var bus = host.Services.GetRequiredService<IBus>();
        await bus.Publish(new ProbeMessage("one"), Cancel);
        await bus.Publish(new ProbeMessage("two"), Cancel);

        var exception = await Assert.ThrowsAsync<PublishLimitException>(() => bus.Publish(new ProbeMessage("three"), Cancel));
        Assert.Equal(
            "'ProbeMessage' may be sent 2 times in 01:00:00, and no turn came within 00:00:00.1000000. Send it later, or raise "
                + "Bus:PublishLimits:ProbeMessage.", exception.Message);
        await bus.Publish(new ProbeFollowed("others are not limited"), Cancel);

        var limits = host.Services.GetRequiredService<PublishLimits>();
        await limits.Change("ProbeMessage", limits.Policies["ProbeMessage"] with { Permits = 100 });
        for (var i = 0; i < 50; i++)
            await bus.Publish(new ProbeMessage($"{i}"), Cancel);
        await host.StopAsync(Cancel);
    }

    static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], []);
        return builder.Build();
    }
}
