namespace Maestro.Bus.Persistence.Tests;

public sealed class ChaosTests(PostgresFixture postgres)
{
    const int Writers = 5;

    static readonly int Messages = LongSuite.Size(3000, full: 50_000);
    static readonly int Kills = LongSuite.Size(10, full: 300);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatchers_that_are_killed_lose_nothing_repeat_nothing_and_keep_the_order()
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(Cancellation);
        var database = await postgres.Server.CreateDatabase(Cancellation);
        var settings = Numbers.OnServers(database, rabbit.Url);
        using var host = ChaosHost.Build(settings, delivers: false, Numbers.Handle);
        await host.StartAsync(Cancellation);
        await using var copy = await BrokerCopy.Bind(rabbit.Url, Cancellation);

        using var written = new CancellationTokenSource();
        var killing = KillDispatchers(settings, written.Token);
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            () => Numbers.Write(
                host, writer, () => Interlocked.Add(ref next, 0) < Messages, count => Interlocked.Add(ref next, count), Cancellation),
            Cancellation)));
        var expected = await Numbers.Written(host, Cancellation);
        Assert.True(expected.Count >= Messages);

        await Numbers.UntilHandled(host, TimeSpan.FromSeconds(180 + Messages / 100), Cancellation);
        await written.CancelAsync();
        var killed = await killing;

        var handled = await Numbers.Handled(host, Cancellation);
        Assert.True(killed > 0);
        Assert.Equal(expected.Count, handled.Count);
        Assert.Equal(expected.ToHashSet(), handled.ToHashSet());

        // Handlers run at the same time and end in any order: the broker's own order counts.
        var received = (await copy.Read(Cancellation)).ToLookup(number => number.Key, number => number.Value);
        foreach (var key in expected.GroupBy(number => number.Key))
            Assert.Equal(Enumerable.Range(0, key.Count()), received[key.Key]);

        await host.StopAsync(Cancellation);
    }

    /// <summary>
    /// Keeps three dispatchers running and kills the oldest of them every two seconds, so many times: on a slow machine those that go on
    /// being killed would do too little.
    /// </summary>
    static async Task<int> KillDispatchers(Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var killed = 0;
        var dispatchers = new Queue<ServerProcess>(Enumerable.Range(0, 3).Select(_ => Numbers.StartDispatcher(settings)));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));

        try
        {
            while (killed < Kills && await timer.WaitForNextTickAsync(cancellationToken))
            {
                await dispatchers.Dequeue().DisposeAsync();
                killed++;
                var next = Numbers.StartDispatcher(settings);
                dispatchers.Enqueue(next);
                // On a busy machine a process takes longer to start than it would be left to live.
                await next.Says("ready", cancellationToken);
            }

            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // All has been handled.
        }
        finally
        {
            foreach (var dispatcher in dispatchers)
                await dispatcher.DisposeAsync();
        }

        return killed;
    }
}
