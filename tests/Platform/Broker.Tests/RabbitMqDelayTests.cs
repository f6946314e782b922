using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Broker.Tests;

/// <summary>Delayed delivery on a stock RabbitMQ, on both kinds of queue.</summary>
public abstract class RabbitMqDelayTests(RabbitMqFixture rabbit, RabbitMqQueueType queueType) : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    IHost _host = null!;

    TickLog Log => _host.Services.GetRequiredService<TickLog>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = CreateHost(await rabbit.Server.CreateVirtualHost(Cancellation), queueType);
        await _host.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(Cancellation);
        _host.Dispose();
    }

    [Fact]
    public async Task Messages_of_mixed_delays_are_never_early_and_do_not_wait_behind_a_longer_one()
    {
        int[] delays = [3_600_000, 2500, 100, 1700, 1, 900, 40];
        var sent = Log.Clock.Elapsed;

        await using (var scope = _host.Services.CreateAsyncScope())
        {
            foreach (var delay in delays)
                await scope.ServiceProvider.GetRequiredService<IMessageScheduler>().SchedulePublish(
                    TimeSpan.FromMilliseconds(delay), new Tick($"{delay}"), Cancellation);
        }

        await Eventually.True(
            () => Task.FromResult(Log.Seen.Count == delays.Length - 1), Limit, "every message but the first", Cancellation);
        foreach (var delay in delays[1..])
            Assert.True(Assert.Single(Log.Of($"{delay}")) - sent >= TimeSpan.FromMilliseconds(delay - 5), $"{delay} ms came early.");
    }

    [Fact]
    public async Task A_message_that_always_fails_is_attempted_as_often_as_the_policy_says_and_never_early()
    {
        var bus = _host.Services.GetRequiredService<IBusControl>();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var faults = bus.ConnectReceiveEndpoint($"faults-{queueType}", endpoint => endpoint.Handler<Fault<Tick>>(_ =>
        {
            failed.TrySetResult();
            return Task.CompletedTask;
        }));
        await faults.Ready;

        await bus.Publish(new Tick("fail"), Cancellation);
        await failed.Task.WaitAsync(Limit, Cancellation);

        var attempts = Log.Of("fail").ToList();
        Assert.Equal(4, attempts.Count);
        foreach (var (attempt, delay) in new[] { (1, 300), (2, 600), (3, 1200) })
            Assert.True(
                attempts[attempt] - attempts[attempt - 1] >= TimeSpan.FromMilliseconds(delay - 5), $"Attempt {attempt} came early.");
        await faults.StopAsync(Cancellation);
    }

    static IHost CreateHost(string url, RabbitMqQueueType queueType)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = url,
            ["Bus:RabbitMq:QueueType"] = $"{queueType}",
        });
        builder.Services.AddBus(builder.Configuration, [new TickDomain()], [new RabbitMqTransport()]);
        return builder.Build();
    }
}

public sealed class RabbitMqQuorumDelayTests(RabbitMqFixture rabbit) : RabbitMqDelayTests(rabbit, RabbitMqQueueType.Quorum);

public sealed class RabbitMqClassicDelayTests(RabbitMqFixture rabbit) : RabbitMqDelayTests(rabbit, RabbitMqQueueType.Classic);
