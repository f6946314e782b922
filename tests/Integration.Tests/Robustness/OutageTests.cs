using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Integration.Tests;

/// <summary>
/// The domain's own queue and consumer under load, while the API that it calls is down for a while: it answers with 503, or is not there.
/// </summary>
public sealed class OutageTests
{
    // Enough to see how fast it is worked off.
    const int Backlog = 1000;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    static readonly TimeSpan Outage = TimeSpan.FromSeconds(LongSuite.Size(5, full: 60));

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_the_embedded_transport_an_outage_costs_no_attempt_and_is_over_at_once(bool isGone)
    {
        using var folder = new TemporaryFolder();
        await Survive([new("Bus:Transport", "sqlite"), new("Bus:Sqlite:Path", folder.At("bus.db"))], isGone);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_RabbitMQ_an_outage_costs_no_attempt_and_is_over_at_once(bool isGone)
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(Cancel);
        await Survive([new("Bus:Transport", "rabbitmq"), new("Bus:RabbitMq:Url", await rabbit.CreateVirtualHost(Cancel))], isGone);
    }

    /// <param name="transport">The settings of the transport.</param>
    /// <param name="isGone">Whether nobody answers the API's calls; otherwise it answers each with 503.</param>
    static async Task Survive(IEnumerable<KeyValuePair<string, string?>> transport, bool isGone)
    {
        await using var api = await ShakyApi.Start();
        var outcomes = new ConcurrentDictionary<string, bool>();
        var dead = 0;
        using var host = Build(transport, api.Address);
        await host.StartAsync(Cancel);
        var bus = host.Services.GetRequiredService<IBus>();
        var control = host.Services.GetRequiredService<QueueControls>().Find("integration-tasks")!;
        var watching = host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint("outcomes", (_, endpoint) =>
        {
            endpoint.Handler<ApiCallSucceeded>(context =>
            {
                outcomes.TryAdd(context.Message.StepId, true);
                return Task.CompletedTask;
            });
            endpoint.Handler<Fault<CallApi>>(_ =>
            {
                Interlocked.Increment(ref dead);
                return Task.CompletedTask;
            });
        });
        await watching.Ready;

        // What the queue can do when nothing is wrong.
        var sent = 0;
        await Send(bus, Backlog, () => Interlocked.Increment(ref sent));
        await Eventually.True(() => Task.FromResult(outcomes.Count >= Backlog), Limit, "calls before the outage", Cancel);
        var usual = api.Speed();

        using var load = new CancellationTokenSource();
        var sending = Load(bus, () => Interlocked.Increment(ref sent), load.Token);
        await Eventually.True(() => Task.FromResult(outcomes.Count >= Backlog + 50), Limit, "calls under load", Cancel);

        await api.GoDown(isGone);
        await Eventually.True(
            () => Task.FromResult(control.PausedDependencies.Count > 0 && api.Running == 0), Limit, "an open circuit breaker", Cancel);
        api.Measure();
        // Calls that were on their way when it opened have come by the time of the second probe.
        await Eventually.True(
            () => Task.FromResult(isGone || (api.Refused >= 2 && api.Running == 0)), Limit, "the end of the calls that came before",
            Cancel);
        api.Measure();
        var opened = api.Clock.Elapsed;
        await Send(bus, Backlog, () => Interlocked.Increment(ref sent));
        await Eventually.True(
            () => Task.FromResult(api.Clock.Elapsed > opened + Outage && (isGone || api.Refused > 0)), Outage + Limit,
            "the end of the outage", Cancel);
        Assert.InRange(api.Most, isGone ? 0 : 1, 1);
        // One a second, or so.
        Assert.InRange(api.Refused, isGone ? 0 : 1, (api.Clock.Elapsed - opened).TotalSeconds + 1);
        Assert.Equal(["shop"], control.PausedDependencies.Keys);
        Assert.Null(control.Pause);

        await api.ComeBack();
        var back = api.Clock.Elapsed;
        await Eventually.True(() => Task.FromResult(control.PausedDependencies.Count == 0), Limit, "a closed circuit breaker", Cancel);
        var closed = api.Clock.Elapsed - back;
        await Eventually.True(() => Task.FromResult(outcomes.Count >= sent - 50), Limit, "the backlog to be worked off", Cancel);
        await load.CancelAsync();
        await sending;

        await Eventually.True(() => Task.FromResult(outcomes.Count >= sent), Limit, $"the outcomes of {sent} calls", Cancel);
        var fast = api.FirstAt(usual / 2, back);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{sent} calls, outage {Outage}, {api.Refused} probes answered, closed after {closed}, {usual:0} calls/s before, half of that "
                + $"{fast} and 80 % {api.FirstAt(usual * 0.8, back)} after the return, {dead} dead.");
        Assert.Equal((sent, 0), (outcomes.Count, dead));
        await host.StopAsync(CancellationToken.None);
    }

    static Task Send(IBus bus, int count, Func<int> next) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel },
        async (_, token) => await bus.Publish(CallApiScenario.Call("POST", body: "{}") with { StepId = $"{next()}" }, token));

    // Fifty calls a second, of POSTs: the consumer does not repeat those by itself.
    static async Task Load(IBus bus, Func<int> next, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));

        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await bus.Publish(CallApiScenario.Call("POST", body: "{}") with { StepId = $"{next()}" }, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
    }

    static IHost Build(IEnumerable<KeyValuePair<string, string?>> transport, string address)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
        [
            .. transport,
            new("Bus:Integration:Addresses:shop:BaseAddress", address),
            // One attempt that counted would be the last but one, and two the end.
            new("Bus:Queues:integration-tasks:Attempts", "2"),
            new("Bus:Queues:integration-tasks:FirstRetryDelay", "500ms"),
        ]);
        builder.Services.AddBus(builder.Configuration, [new IntegrationDomain()], [new SqliteTransport(), new RabbitMqTransport()]);
        return builder.Build();
    }
}
