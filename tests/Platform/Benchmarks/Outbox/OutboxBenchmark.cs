using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// From PostgreSQL to RabbitMQ: how fast messages leave that are committed just now, and how fast a backlog goes. The limit takes turns
/// with the bus.
/// </summary>
static class OutboxBenchmark
{
    const int Writers = 20;
    const int Live = 30_000;
    const int Backlog = 50_000;
    const int Million = 1_000_000;
    const int WarmUps = 2;
    const int Rounds = 5;

    static readonly string[] Columns = ["msg/s", "to the limit"];

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var servers = await OutboxServers.Start(cancellationToken);
        var (rawLive, busLive, rawDrain, busDrain) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());

        for (var round = 0; round < Rounds; round++)
        {
            await using (var raw = await RawOutbox.Create(await servers.NewDatabase(cancellationToken), servers.Broker, cancellationToken))
            {
                raw.Start();
                rawLive.Add(await servers.Rate(
                    Live, "raw_outbox", () => InParallel(Live, number => raw.Write(number, cancellationToken)), cancellationToken));
            }

            await using (var raw = await RawOutbox.Create(await servers.NewDatabase(cancellationToken), servers.Broker, cancellationToken))
            {
                await raw.Write(1, cancellationToken);
                await servers.Execute(
                    $"INSERT INTO raw_outbox (body) SELECT body FROM raw_outbox, generate_series(2, {Backlog})", cancellationToken);
                rawDrain.Add(
                    await servers.Rate(Backlog, "raw_outbox", () => { raw.Start(); return Task.CompletedTask; }, cancellationToken));
            }

            var database = await servers.NewDatabase(cancellationToken);
            using (var host = await OutboxBus.Start(database, servers.Broker, true, cancellationToken))
            {
                busLive.Add(await servers.Rate(Live, "outbox_message",
                    () => InParallel(Live, number => OutboxBus.Write(host, number, cancellationToken)), cancellationToken));
                await host.StopAsync(cancellationToken);
            }

            await OutboxBus.Fill(database, servers.Broker, Backlog, cancellationToken);
            using (var host = await OutboxBus.Start(database, servers.Broker, true, cancellationToken))
            {
                busDrain.Add(await servers.Rate(Backlog, "outbox_message", () => Task.CompletedTask, cancellationToken));
                await host.StopAsync(cancellationToken);
            }

            await Console.Error.WriteLineAsync(
                $"round {round}: live {busLive[^1]:0} of {rawLive[^1]:0}, drain {busDrain[^1]:0} of {rawDrain[^1]:0}");
        }

        return new Report(
            $"{Live:#,0} messages from {Writers} writers, one in a transaction, and a backlog of {Backlog:#,0}; PostgreSQL to RabbitMQ; "
                + $"median of {Rounds - WarmUps} rounds",
            Columns,
            [
                new Row("by hand, live", [Median(rawLive), null]),
                new Row("outbox, live", [Median(busLive), Median(busLive) / Median(rawLive)]),
                new Row("by hand, backlog", [Median(rawDrain), null]),
                new Row("outbox, backlog", [Median(busDrain), Median(busDrain) / Median(rawDrain)]),
            ]);
    }

    /// <summary>A backlog of a million rows, tenth by tenth.</summary>
    public static async Task<Report> AMillion(CancellationToken cancellationToken)
    {
        await using var servers = await OutboxServers.Start(cancellationToken);
        var database = await servers.NewDatabase(cancellationToken);
        await OutboxBus.Fill(database, servers.Broker, Million, cancellationToken);
        using var sent = new SentMessages();
        using var host = await OutboxBus.Start(database, servers.Broker, true, cancellationToken);
        var rows = new List<Row>();

        for (var left = Million - Million / 10; left >= 0; left -= Million / 10)
        {
            var clock = Stopwatch.StartNew();
            await sent.Until(Million - left, cancellationToken);
            rows.Add(new Row($"down to {left:#,0}", [Million / 10 / clock.Elapsed.TotalSeconds, null]));
            await Console.Error.WriteLineAsync($"{left:#,0} left, {rows[^1].Values[0]:0} msg/s");
        }

        await servers.UntilLeft("outbox_message", 0, cancellationToken);
        await host.StopAsync(cancellationToken);
        return new Report("A backlog of 1,000,000 messages, PostgreSQL to RabbitMQ", Columns, rows);
    }

    static async Task InParallel(int count, Func<int, Task> write)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= count)
                await write(number);
        })));
    }

    static double Median(IEnumerable<double> values)
    {
        // The first rounds warm up: until then the runtime is still compiling what runs often.
        var sorted = values.Skip(WarmUps).Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
