using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>Who of several hosts finds out whether a dependency that is down is back.</summary>
public abstract class ProbeSuite
{
    const int Messages = 200;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly ConcurrentQueue<TimeSpan> _calls = new();
    readonly ConcurrentDictionary<int, int> _handled = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();
    bool _isUp;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_hosts_one_probes_in_each_interval_and_both_go_on_when_it_is_back()
    {
        var settings = await NewServers();
        settings["Bus:Queues:numbers:CircuitBreaker:ProbeInterval"] = $"{Interval}";
        using var one = ChaosHost.Build(settings, delivers: true, Handle);
        using var other = ChaosHost.Build(settings, delivers: true, Handle);
        await one.StartAsync(Cancellation);
        await other.StartAsync(Cancellation);
        var bus = one.Services.GetRequiredService<IBus>();

        foreach (var number in Enumerable.Range(0, Messages))
            await bus.Publish(new Number("key", number), Cancellation);
        await Eventually.True(() => Task.FromResult(IsOpen(one) && IsOpen(other)), Patience, "open circuit breakers", Cancellation);

        // What had begun before they opened has ended by then.
        await Eventually.True(() => Task.FromResult(_clock.Elapsed - _calls.Last() > Interval / 2), Patience, "a break", Cancellation);
        var before = _calls.Count;
        await Eventually.True(() => Task.FromResult(_calls.Count >= before + 8), Patience, "eight probes", Cancellation);
        var probes = _calls.Skip(before).ToList();
        // A host that a busy machine stops for seconds loses its lease, and may end a probe that it has begun.
        var early = probes.Zip(probes.Skip(1)).Count(pair => pair.Second - pair.First <= Interval * 0.9);
        Assert.True(early <= 1, $"{early} probes came early: {string.Join(", ", probes)}");
        Assert.True(IsOpen(one) && IsOpen(other));

        Volatile.Write(ref _isUp, true);
        await Eventually.True(() => Task.FromResult(_handled.Count == Messages), Patience, "all messages to be handled", Cancellation);
        await one.StopAsync(Cancellation);
        await other.StopAsync(Cancellation);
    }

    protected abstract Task<Dictionary<string, string?>> NewServers();

    static bool IsOpen(IHost host) =>
        host.Services.GetRequiredService<QueueControls>().Find("numbers")!.PausedDependencies.ContainsKey("api");

    void Handle(IBusRegistrationConfigurator bus) => bus.AddHandler((ConsumeContext<Number> context) =>
    {
        context.Needs("api");
        if (!Volatile.Read(ref _isUp))
        {
            _calls.Enqueue(_clock.Elapsed);
            throw new DependencyUnavailableException("It is down.") { Dependency = "api" };
        }

        _handled.AddOrUpdate(context.Message.Value, 1, (_, times) => times + 1);
        return Task.CompletedTask;
    }).Endpoint(endpoint => endpoint.Name = "numbers");
}

public sealed class SqliteProbeTests : ProbeSuite, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<Dictionary<string, string?>> NewServers() => Task.FromResult(Databases.WithBroker(_folder.Path));
}

public sealed class PostgresProbeTests(PostgresFixture postgres) : ProbeSuite, IAsyncDisposable
{
    readonly RabbitMqServer _rabbit = new();

    public ValueTask DisposeAsync() => _rabbit.DisposeAsync();

    protected override Task<Dictionary<string, string?>> NewServers() =>
        Databases.WithBroker(postgres, _rabbit, TestContext.Current.CancellationToken);
}
