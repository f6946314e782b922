using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What becomes of a host's part of the outbox when the host is frozen, and of the host when it wakes.</summary>
public abstract class FrozenDispatcherSuite
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dispatcher_that_is_frozen_loses_its_part_to_the_other_and_sends_nothing_of_it_when_it_wakes()
    {
        var copies = new ConcurrentQueue<Number>();
        var settings = await NewServers();
        // A dispatcher that a busy machine stops for seconds is not frozen.
        settings["Bus:Database:Outbox:Lease"] = "10s";
        KeyValuePair<string, string?>[] oneAtATime = [new("Bus:Queues:copies:Concurrency", "1"), new("Bus:Queues:copies:Prefetch", "1")];
        using var host = ChaosHost.Build(settings.Concat(oneAtATime), delivers: false, bus =>
        {
            Numbers.Handle(bus);
            Copy(bus, copies);
        });
        await host.StartAsync(Cancellation);

        await using (var frozen = Numbers.StartDispatcher(settings))
        await using (var other = Numbers.StartDispatcher(settings))
        {
            await frozen.Says("ready", Cancellation);
            await other.Says("ready", Cancellation);
            await UntilShared(hosts: 2);
            await WriteSome(0);
            await frozen.Freeze(Files(settings), Cancellation);
            await WriteSome(1);
            await UntilShared(hosts: 1);

            await frozen.Signal("CONT");
            await WriteSome(2);
            await UntilShared(hosts: 2);

            // This time it has messages in hand.
            var written = Task.Run(() => Write(3, 600), Cancellation);
            await Eventually.True(
                () => Task.FromResult(copies.Count(number => IsOf(3, number)) > 100), Patience, "100 messages to be sent", Cancellation);
            await frozen.Freeze(Files(settings), Cancellation);
            await written;
            await UntilHandled();
            await frozen.Signal("CONT");
            await WriteSome(4);
            await UntilShared(hosts: 2);
            await WriteSome(5);
        }

        var expected = await Numbers.Written(host, Cancellation);
        Assert.Equal(Ordered(expected), Ordered(await Numbers.Handled(host, Cancellation)));
        await Eventually.True(
            () => Task.FromResult(copies.ToHashSet().Count == expected.Count), Patience, "a copy of each message", Cancellation);

        // What nobody had in hand when it was frozen comes to the broker once, and in order; the rest in order at least.
        var received = copies.ToLookup(number => number.Key, number => number.Value);
        foreach (var key in expected.GroupBy(number => number.Key))
            Assert.Equal(
                Enumerable.Range(0, key.Count()), IsOf(3, key.First()) ? received[key.Key].Distinct() : received[key.Key]);
        await host.StopAsync(Cancellation);

        async Task WriteSome(int writer)
        {
            await Write(writer, 300);
            await UntilHandled();
        }

        Task Write(int writer, int left) => Numbers.Write(host, writer, () => left > 0, count => left -= count, Cancellation);

        Task UntilHandled() => Numbers.UntilHandled(host, Patience, Cancellation);

        Task UntilShared(int hosts) => Numbers.UntilShared(host, hosts, Patience, Cancellation);
    }

    protected abstract Task<Dictionary<string, string?>> NewServers();

    // Takes everything that the broker is given, one after the other, and without an inbox.
    static void Copy(IBusRegistrationConfigurator bus, ConcurrentQueue<Number> copies) => bus.AddHandler<Number>(message =>
    {
        copies.Enqueue(message);
        return Task.CompletedTask;
    }).Endpoint(endpoint => endpoint.Name = "copies");

    static List<string> Files(Dictionary<string, string?> settings) =>
        [.. settings.Where(setting => setting.Key.EndsWith(":Path", StringComparison.Ordinal)).Select(setting => setting.Value!)];

    static bool IsOf(int writer, Number number) => number.Key.StartsWith($"{writer}-", StringComparison.Ordinal);

    static IEnumerable<Number> Ordered(IEnumerable<Number> numbers) =>
        numbers.OrderBy(number => number.Key, StringComparer.Ordinal).ThenBy(number => number.Value);
}

public sealed class SqliteFrozenDispatcherTests : FrozenDispatcherSuite, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<Dictionary<string, string?>> NewServers() => Task.FromResult(Databases.WithBroker(_folder.Path));
}

public sealed class PostgresFrozenDispatcherTests(PostgresFixture postgres) : FrozenDispatcherSuite, IAsyncDisposable
{
    readonly RabbitMqServer _rabbit = new();

    public ValueTask DisposeAsync() => _rabbit.DisposeAsync();

    protected override Task<Dictionary<string, string?>> NewServers() =>
        Databases.WithBroker(postgres, _rabbit, TestContext.Current.CancellationToken);
}
