using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class BusTests : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly IHost _host = CreateHost([]);

    ProbeLog Log => _host.Services.GetRequiredService<ProbeLog>();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _host.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(Cancellation);
        _host.Dispose();
    }

    [Fact]
    public async Task All_consumers_of_a_domain_share_its_queue_and_a_message_leaves_its_hops()
    {
        var conversationId = NewId.NextGuid();

        await Publish(new ProbeMessage("hello"), context => context.ConversationId = conversationId);

        var journeys = _host.Services.GetRequiredService<JourneyLog>();
        await Eventually.True(() => Task.FromResult(journeys.Of(conversationId).Count == 2), Limit, "two hops", Cancellation);
        Assert.All(journeys.Of(conversationId), hop => Assert.Equal(("probe", "handled"), (hop.Queue, hop.Outcome)));
        Assert.Equal([nameof(ProbeMessage), nameof(ProbeFollowed)], journeys.Of(conversationId).Select(hop => hop.MessageType));
    }

    [Fact]
    public async Task A_tenant_follows_from_message_to_message_and_is_the_default_where_none_is_named()
    {
        await Publish(new ProbeMessage("a"), context => context.SetTenantId("acme"));
        await Publish(new ProbeMessage("b"), _ => { });

        await Eventually.True(() => Task.FromResult(Log.Seen.Count == 4), Limit, "four messages", Cancellation);
        Assert.Equal(
            [("a", "acme"), ("b", "default"), ("followed a", "acme"), ("followed b", "default")],
            Log.Seen.OrderBy(seen => seen.Text, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_that_always_fails_is_attempted_as_often_as_the_policy_says_and_lets_others_through_while_it_waits()
    {
        var failed = new TaskCompletionSource<Fault<ProbeMessage>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var handle = ConnectFaultHandler(failed);
        var clock = Stopwatch.StartNew();

        // However long the second takes to be published.
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Log.UntilFailure = published.Task;
        await Publish(new ProbeMessage("fail"), _ => { });
        await Publish(new ProbeMessage("healthy"), _ => { });
        published.SetResult();
        await failed.Task.WaitAsync(Limit, Cancellation);

        Assert.Equal(3, Log.Seen.Count(seen => seen.Text == "fail"));
        Assert.True(clock.Elapsed >= ProbeDomain.FirstDelay * 3 * 0.75, $"Two delays of 40 and 80 ms took only {clock.Elapsed}.");
        var order = Log.Seen.Select(seen => seen.Text).ToList();
        Assert.True(order.IndexOf("healthy") < order.LastIndexOf("fail"), string.Join(", ", order));
    }

    [Fact]
    public async Task An_invalid_message_is_not_tried_again()
    {
        var failed = new TaskCompletionSource<Fault<ProbeMessage>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var handle = ConnectFaultHandler(failed);

        await Publish(new ProbeMessage("invalid"), _ => { });
        await failed.Task.WaitAsync(Limit, Cancellation);

        Assert.Single(Log.Seen);
    }

    [Fact]
    public async Task A_host_has_started_only_when_its_bus_has() =>
        Assert.Equal(BusHealthStatus.Healthy, _host.Services.GetRequiredService<IBusControl>().CheckHealth().Status);

    [Fact]
    public async Task What_is_sent_while_the_bus_in_memory_does_not_run_is_refused_and_not_dropped()
    {
        var bus = _host.Services.GetRequiredService<IBusControl>();
        await bus.StopAsync(Cancellation);

        var published = await Record.ExceptionAsync(() => Publish(new ProbeMessage("published meanwhile"), _ => { }));
        var sent = await Record.ExceptionAsync(Send);
        await bus.StartAsync(Cancellation);
        await Publish(new ProbeMessage("afterwards"), _ => { });
        await Send();

        Assert.All([published, sent], refusal => Assert.Contains("The bus does not run", refusal?.Message, StringComparison.Ordinal));
        await Eventually.True(
            () => Task.FromResult(Log.Seen.Select(seen => seen.Text).Order().SequenceEqual(
                ["afterwards", "followed afterwards", "followed sent", "sent"])),
            Limit, "the messages that came afterwards, and no other", Cancellation);

        async Task Send() => await (await bus.GetSendEndpoint(new Uri("queue:probe"))).Send(new ProbeMessage("sent"), Cancellation);
    }

    [Fact]
    public async Task A_queue_that_only_the_configuration_knows_stops_the_start()
    {
        using var host = CreateHost(new() { ["Bus:Queues:porbe:Concurrency"] = "3" });

        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => host.StartAsync(Cancellation));

        Assert.Contains("Bus:Queues:porbe is not a setting. Did you mean probe? No domain and no consumer has this queue; there are probe.",
            exception.Message);
    }

    static IHost CreateHost(Dictionary<string, string?> settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], []);
        return builder.Build();
    }

    Task Publish<T>(T message, Action<PublishContext<T>> configure)
        where T : class =>
        _host.Services.GetRequiredService<IBus>().Publish(message, configure, Cancellation);

    FaultHandler ConnectFaultHandler(TaskCompletionSource<Fault<ProbeMessage>> failed)
    {
        var handle = _host.Services.GetRequiredService<IBusControl>().ConnectReceiveEndpoint(
            $"faults-{NewId.NextGuid():n}",
            endpoint => endpoint.Handler<Fault<ProbeMessage>>(context =>
            {
                failed.TrySetResult(context.Message);
                return Task.CompletedTask;
            }));

        return new FaultHandler(handle);
    }

    sealed class FaultHandler(HostReceiveEndpointHandle handle) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await handle.StopAsync();
    }
}
