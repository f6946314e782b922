using Microsoft.Extensions.Hosting;

namespace MaestroBus.Persistence.Tests;

public sealed class ChaosTests(PostgresFixture postgres)
{
    const int Writers = 5;
    const int KeysPerWriter = 4;

    static readonly int Messages = LongSuite.Size(3000, full: 50_000);
    static readonly int Kills = LongSuite.Size(10, full: 300);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatchers_that_are_killed_lose_nothing_repeat_nothing_and_keep_the_order()
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(Cancellation);
        var database = await postgres.Server.CreateDatabase(Cancellation);
        using var host = ChaosHost.Build(database, rabbit.Url, delivers: false, HandleNumbers);
        await host.StartAsync(Cancellation);
        await using var copy = await BrokerCopy.Bind(rabbit.Url, Cancellation);

        using var written = new CancellationTokenSource();
        var killing = KillDispatchers(database, rabbit.Url, written.Token);
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(host, writer, () => Interlocked.Add(ref next, 0) < Messages, count => Interlocked.Add(ref next, count)), Cancellation)));
        var expected = await Query(host, context => context.Written.Select(number => new Number(number.Key, number.Value)).ToListAsync(Cancellation));
        Assert.True(expected.Count >= Messages);

        await Eventually.True(
            async () => await Query(host, context => context.Handled.CountAsync(Cancellation)) >= expected.Count && await Waiting(host) == 0,
            TimeSpan.FromSeconds(60 + Messages / 100), "all messages to be handled", Cancellation);
        await written.CancelAsync();
        var killed = await killing;

        var handled = await Query(host, context => context.Handled.Select(number => new Number(number.Key, number.Value)).ToListAsync(Cancellation));
        Assert.True(killed > 0);
        Assert.Equal(expected.Count, handled.Count);
        Assert.Equal(expected.ToHashSet(), handled.ToHashSet());

        // Handlers run at the same time and end in any order: the broker's own order counts.
        var received = (await copy.Read(Cancellation)).ToLookup(number => number.Key, number => number.Value);
        foreach (var key in expected.GroupBy(number => number.Key))
            Assert.Equal(Enumerable.Range(0, key.Count()), received[key.Key]);

        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_dispatcher_that_is_frozen_loses_its_part_to_the_others_and_sends_nothing_of_it_when_it_wakes()
    {
        const int Share = OutboxPartitions.Count / 2;
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(Cancellation);
        var database = await postgres.Server.CreateDatabase(Cancellation);
        using var host = ChaosHost.Build(database, rabbit.Url, delivers: false, HandleNumbers);
        await host.StartAsync(Cancellation);
        await using var copy = await BrokerCopy.Bind(rabbit.Url, Cancellation);
        await using (var frozen = Start(database, rabbit.Url))
        await using (var other = Start(database, rabbit.Url))
        {
            await Shared(Share);
            await WriteSome(0);
            await frozen.Signal("STOP");
            await WriteSome(1);
            await Shared(2 * Share);

            await frozen.Signal("CONT");
            await WriteSome(2);
            await Shared(Share);
            await WriteSome(3);
        }

        // What nobody had in hand when it was frozen comes to the broker once, and in order.
        var written = await Query(host, context => context.Written.ToListAsync(Cancellation));
        var received = (await copy.Read(Cancellation, repeated: true)).ToLookup(number => number.Key, number => number.Value);
        foreach (var key in written.GroupBy(number => number.Key))
            Assert.Equal(Enumerable.Range(0, key.Count()), received[key.Key]);
        await host.StopAsync(Cancellation);

        async Task WriteSome(int writer)
        {
            var left = 300;
            await Write(host, writer, () => left > 0, count => left -= count);
            await Eventually.True(
                async () => await Query(host, context => context.Handled.CountAsync(Cancellation))
                    == await Query(host, context => context.Written.CountAsync(Cancellation)) && await Waiting(host) == 0,
                TimeSpan.FromSeconds(60), "all messages to be handled", Cancellation);
        }

        Task Shared(int share) => Eventually.True(
            async () => await Query(host, context => context.Database.SqlQuery<int>(
                $"""
                SELECT count(*)::int AS "Value" FROM
                    (SELECT host FROM lease WHERE lease_group = 'outbox' AND host IS NOT NULL GROUP BY host HAVING count(*) = {share}) h
                """).SingleAsync(Cancellation)) == OutboxPartitions.Count / share,
            TimeSpan.FromSeconds(60), $"each host to have {share} partitions", Cancellation);
    }

    /// <summary>
    /// Keeps three dispatchers running and kills the oldest of them every two seconds, so many times: on a slow machine those that go on
    /// being killed would do too little.
    /// </summary>
    static async Task<int> KillDispatchers(string database, string broker, CancellationToken cancellationToken)
    {
        var killed = 0;
        var dispatchers = new Queue<ServerProcess>(Enumerable.Range(0, 3).Select(_ => Start(database, broker)));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));

        try
        {
            while (killed < Kills && await timer.WaitForNextTickAsync(cancellationToken))
            {
                await dispatchers.Dequeue().DisposeAsync();
                killed++;
                var next = Start(database, broker);
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

    static ServerProcess Start(string database, string broker) =>
        ServerProcess.StartChild("A dispatcher", typeof(ChaosHost).Assembly, [database, broker]);

    static async Task Write(IHost host, int writer, Func<bool> goesOn, Action<int> wrote)
    {
        var random = new Random(writer);
        var values = new int[KeysPerWriter];

        while (goesOn())
        {
            await using var scope = host.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<ChaosContext>();
            var endpoint = scope.ServiceProvider.GetRequiredService<IPublishEndpoint>();
            var isCommitted = random.Next(10) > 0;
            var next = (int[])values.Clone();
            var count = random.Next(1, 21);

            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            for (var message = 0; message < count; message++)
            {
                var key = random.Next(KeysPerWriter);
                var number = new Number($"{writer}-{key}", isCommitted ? next[key]++ : -1);
                context.Add(new Written { Key = number.Key, Value = number.Value });
                await endpoint.Publish(number, publish => publish.SetOrderingKey(number.Key), Cancellation);
            }

            await context.SaveChangesAsync(Cancellation);
            if (!isCommitted)
                continue;

            await transaction.CommitAsync(Cancellation);
            values = next;
            wrote(count);
        }
    }

    static async Task<T> Query<T>(IHost host, Func<ChaosContext, Task<T>> query)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<ChaosContext>());
    }

    static Task<int> Waiting(IHost host) =>
        Query(host, context => context.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM outbox_message").SingleAsync(Cancellation));

    static void HandleNumbers(IBusRegistrationConfigurator bus) =>
        bus.AddHandler<Number, ChaosContext>((ConsumeContext<Number> message, ChaosContext context) =>
        {
            context.Add(new Handled { Key = message.Message.Key, Value = message.Message.Value });
            return Task.CompletedTask;
        }).Endpoint(endpoint =>
        {
            endpoint.Name = "numbers";
            endpoint.AddConfigureEndpointCallback((registration, configurator) => configurator.UseEntityFrameworkOutbox<ChaosContext>(registration));
        });
}
