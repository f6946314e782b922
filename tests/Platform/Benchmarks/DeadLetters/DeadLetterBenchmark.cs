using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// How fast dead letters are stored, and how fast 100,000 of them are sent again and handled, with the memory that it takes.
/// </summary>
static class DeadLetterBenchmark
{
    const int Letters = 100_000;
    const int Batch = 128;

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        await using var servers = await OutboxServers.Start(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("bench-");

        try
        {
            rows.AddRange(await Measure("SQLite", new()
            {
                ["Bus:Database:Path"] = Path.Combine(folder.FullName, "state.db"),
            }, cancellationToken));
            rows.AddRange(await Measure("PostgreSQL", new()
            {
                ["Bus:Database:Provider"] = "postgresql",
                ["Bus:Database:ConnectionString"] = await servers.NewDatabase(cancellationToken),
            }, cancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return new Report($"{Letters:#,0} dead letters of 600 bytes and a stack trace; messages in memory", ["/s", "MB at most"], rows);
    }

    static async Task<List<Row>> Measure(string name, Dictionary<string, string?> database, CancellationToken cancellationToken)
    {
        using var host = DeadLetterBus.Build(database);
        await host.StartAsync(cancellationToken);
        var (store, operations, handled) = (
            host.Services.GetRequiredService<IDeadLetterStore>(), host.Services.GetRequiredService<IDeadLetterOperations>(),
            host.Services.GetRequiredService<Arrivals>());

        var clock = Stopwatch.StartNew();
        foreach (var batch in Enumerable.Range(0, Letters).Select(DeadLetterBus.Letter).Chunk(Batch))
            await store.Add(batch, cancellationToken);
        var stored = Letters / clock.Elapsed.TotalSeconds;
        await Console.Error.WriteLineAsync($"{name}: stored {stored:0}/s");

        clock.Restart();
        var arrived = handled.Expect(Letters);
        var operation = await operations.Begin(
            new DeadLetterFilter(), new DeadLetterAction(DeadLetterActionKind.Retry, "bench"), cancellationToken);
        var most = 0L;
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200)))
        {
            while ((await operations.Find(operation.Id, cancellationToken))!.State == DeadLetterOperation.Running
                && await timer.WaitForNextTickAsync(cancellationToken))
                most = Math.Max(most, Environment.WorkingSet);
        }

        var moved = Letters / clock.Elapsed.TotalSeconds;
        await Console.Error.WriteLineAsync($"{name}: moved {moved:0}/s, {most / 1_048_576} MB at most");
        await arrived.WaitAsync(cancellationToken);
        var sent = Letters / clock.Elapsed.TotalSeconds;
        await Console.Error.WriteLineAsync($"{name}: sent and handled {sent:0}/s");
        await host.StopAsync(cancellationToken);

        return
        [
            new Row($"{name}: stored", [stored, null]),
            new Row($"{name}: moved to the outbox", [moved, most / 1_048_576.0]),
            new Row($"{name}: sent and handled", [sent, null]),
        ];
    }
}
