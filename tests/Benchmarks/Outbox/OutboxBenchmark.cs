using System.Diagnostics;

namespace MaestroBus.Benchmarks;

/// <summary>From PostgreSQL to RabbitMQ: how fast messages leave that are committed just now, and how fast a backlog goes.</summary>
static class OutboxBenchmark
{
    const int Writers = 20;

    static readonly string[] Columns = ["msg/s", "to the limit"];

    public static Task<Report> Run(CancellationToken cancellationToken) => Run(5_000, 30_000, cancellationToken);

    static async Task<Report> Run(int live, int backlog, CancellationToken cancellationToken)
    {
        await using var postgres = new PostgresServer();
        await postgres.Start(cancellationToken);
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(cancellationToken);

        var rows = new List<Row>();
        var database = await postgres.CreateDatabase(cancellationToken);
        var broker = await rabbit.CreateVirtualHost(cancellationToken);
        await OutboxBus.Prepare(database, broker, cancellationToken);
        using var host = await OutboxBus.Start(database, broker, true, cancellationToken);

        for (var round = 0; round < 4; round++)
        {
            var clock = Stopwatch.StartNew();
            await Write(host, live, cancellationToken);
            var written = clock.Elapsed.TotalSeconds;
            await Drained(database, cancellationToken);
            Console.Error.WriteLine($"live {live / clock.Elapsed.TotalSeconds:0} written {live / written:0}");
            rows.Add(new Row($"live {round}", [live / clock.Elapsed.TotalSeconds, live / written]));
        }

        await host.StopAsync(cancellationToken);

        using (var writer = await OutboxBus.Start(database, broker, false, cancellationToken))
        {
            await Write(writer, 100, cancellationToken);
            await writer.StopAsync(cancellationToken);
        }

        for (var round = 0; round < 3; round++)
        {
            await Multiply(database, backlog, cancellationToken);
            var clock = Stopwatch.StartNew();
            using var drain = await OutboxBus.Start(database, broker, true, cancellationToken);
            var started = clock.Elapsed.TotalSeconds;
            await Drained(database, cancellationToken);
            Console.Error.WriteLine($"drain {backlog / (clock.Elapsed.TotalSeconds - started):0} start {started:0.0}");
            rows.Add(new Row($"drain {round}", [backlog / (clock.Elapsed.TotalSeconds - started), started]));
            await drain.StopAsync(cancellationToken);
            using var writer = await OutboxBus.Start(database, broker, false, cancellationToken);
            await Write(writer, 100, cancellationToken);
            await writer.StopAsync(cancellationToken);
        }

        return new Report("outbox", Columns, rows);
    }

    static Task Multiply(string database, int count, CancellationToken cancellationToken) => OutboxBus.Execute(
        database,
        $"""
        INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body)
        SELECT (n / 100 * 7 + partition) % 32, gen_random_uuid(), ordering_key || n / 100, destination, metadata, body FROM outbox_message, generate_series(1, {count / 100 - 1}) n
        """,
        cancellationToken);

    static async Task Write(IHost host, int count, CancellationToken cancellationToken)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var number && number <= count)
                {
                    await using var scope = host.Services.CreateAsyncScope();
                    var context = scope.ServiceProvider.GetRequiredService<OrderContext>();
                    var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri($"exchange:{OutboxBus.Queue}"));
                    context.Orders.Add(new Order { Id = NewId.NextGuid(), Number = number });
                    await endpoint.Send(new BenchMessage(number, BenchMessage.Filler), cancellationToken);
                    await context.SaveChangesAsync(cancellationToken);
                }
            },
            cancellationToken)));
    }

    static async Task Drained(string database, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await OutboxBus.Execute(database, "SELECT count(*) FROM (SELECT 1 FROM outbox_message LIMIT 1) m", cancellationToken) > 0)
            await timer.WaitForNextTickAsync(cancellationToken);
    }
}
