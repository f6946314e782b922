using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>The embedded transport under work that is special to it.</summary>
static class SqliteBenchmark
{
    const string Queue = "bench-pings";
    const int Messages = 20_000;
    const int Million = 1_000_000;
    const int Sample = 100_000;

    static readonly (string Name, string Durability)[] Candidates = [("memory", ""), ("sqlite", "normal"), ("sqlite", "full")];

    static readonly Uri Address = new($"queue:{Queue}");

    /// <summary>Consumers take 5 ms, and one in a hundred takes 500 ms.</summary>
    public static async Task<Report> SlowConsumers(CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        foreach (var (name, durability) in Candidates)
        {
            Pings.Work = number => number % 100 == 0 ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromMilliseconds(5);
            using var host = await Start(name, durability, concurrency: 100, NewPath(), cancellationToken);
            var rates = new List<double>();

            for (var round = 0; round < 4; round++)
            {
                var clock = Stopwatch.StartNew();
                await Send(host, Messages, cancellationToken);
                await Pings.Handled(Messages);
                rates.Add(Messages / clock.Elapsed.TotalSeconds);
            }

            rows.Add(new Row($"{name} {durability}", [Percentile(rates.Skip(1), 50), Pings.MostAtOnce]));
            await host.StopAsync(cancellationToken);
            Pings.Work = null;
        }

        return new Report("One consumer in a hundred takes 500 ms, the others 5 ms; concurrency 100", ["messages/s", "most at once"], rows);
    }

    /// <summary>
    /// How fast the messages of a long queue come, from its first ones to its last: one drain, so that what else the machine does meets
    /// long and short alike.
    /// </summary>
    public static async Task<Report> Backlog(CancellationToken cancellationToken)
    {
        // The first drain is the compiler's.
        await Drain(Sample, 0, cancellationToken);
        var first = await Drain(Million, 0, cancellationToken);
        var delayed = await Drain(Sample, Million, cancellationToken);
        var second = await Drain(Million, 0, cancellationToken);
        var shortest = Percentile(first.Zip(second, Math.Max).TakeLast(3), 50);

        var rows = first.Zip(second, (one, other) => new double?[] { one, other, Math.Max(one, other) / shortest })
            .Select((figures, i) => new Row($"{Million - (i * Sample):#,0} messages", figures))
            .Append(new Row($"{Sample:#,0} messages and {Million:#,0} that are due tomorrow", [delayed[0], null, delayed[0] / shortest]))
            .ToList();

        return new Report($"The next {Sample:#,0} messages of a queue that holds so many, durability normal",
            ["first drain/s", "second drain/s", "best to short"], rows);
    }

    /// <summary>Fills a queue, and measures how fast each sample of it comes.</summary>
    static async Task<List<double>> Drain(int present, int delayed, CancellationToken cancellationToken)
    {
        var path = NewPath();
        using (var sender = await Start("sqlite", "normal", concurrency: 0, path, cancellationToken))
        {
            await Send(sender, present, cancellationToken);
            await Schedule(sender, delayed, cancellationToken);
            await sender.StopAsync(cancellationToken);
        }

        var rates = new List<double>();
        using var host = await Start("sqlite", "normal", 200, path, cancellationToken);
        for (var taken = 0; taken < present; taken += Sample)
        {
            var clock = Stopwatch.StartNew();
            await Pings.Handled(Sample);
            rates.Add(Sample / clock.Elapsed.TotalSeconds);
        }

        await host.StopAsync(cancellationToken);
        Pings.Reset();
        return rates;
    }

    /// <summary>What a million messages leave behind.</summary>
    public static async Task<Report> AMillion(CancellationToken cancellationToken)
    {
        var path = NewPath();
        var rows = new List<Row>();
        using var host = await Start("sqlite", "normal", 200, path, cancellationToken);

        for (var sent = Sample; sent <= Million; sent += Sample)
        {
            var clock = Stopwatch.StartNew();
            await Send(host, Sample, cancellationToken);
            await Pings.Handled(Sample);
            rows.Add(new Row(
                $"{sent:#,0}",
                [
                    Sample / clock.Elapsed.TotalSeconds,
                    Process.GetCurrentProcess().WorkingSet64 / 1e6,
                    GC.GetTotalMemory(true) / 1e6,
                    new FileInfo(path).Length / 1e6,
                    new FileInfo(path + "-wal").Length / 1e6,
                ]));
        }

        await host.StopAsync(cancellationToken);
        return new Report(
            "Messages sent and handled, durability normal", ["messages/s", "working set MB", "objects MB", "file MB", "log MB"], rows);
    }

    static double Percentile(IEnumerable<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count * percent / 100];
    }

    static async Task Send(IHost host, int messages, CancellationToken cancellationToken)
    {
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Address);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, messages),
            new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = cancellationToken },
            async (number, cancel) => await endpoint.Send(new Ping(number), cancel));
    }

    static async Task Schedule(IHost host, int messages, CancellationToken cancellationToken)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var tomorrow = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, messages),
            new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = cancellationToken },
            async (number, cancel) => await scheduler.ScheduleSend(Address, tomorrow.AddMilliseconds(number), new Ping(number), cancel));
    }

    /// <param name="name">The transport.</param>
    /// <param name="durability">The embedded transport's.</param>
    /// <param name="concurrency">The queue's; 0 for no consumer, so that messages stay in the queue.</param>
    /// <param name="path">The embedded transport's file.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    static async Task<IHost> Start(string name, string durability, int concurrency, string path, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration.AddInMemoryCollection([new("Bus:Sqlite:Path", path)]);
        if (durability.Length > 0)
            builder.Configuration.AddInMemoryCollection([new("Bus:Sqlite:Durability", durability)]);

        BusTransport transport = name == "memory" ? new MemoryTransport() : new SqliteTransport();
        builder.Services.AddSingleton(TimeProvider.System);
        transport.AddServices(new BusBuilder(builder.Services, builder.Configuration));
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (concurrency > 0)
                bus.AddConsumer<Pings>().Endpoint(endpoint => endpoint.Name = Queue);
            bus.AddConfigureEndpointsCallback((_, queue, endpoint) =>
                endpoint.ApplyPolicy(queue, new QueuePolicy { Concurrency = concurrency, Attempts = 1 }, transport));
            transport.Use(bus, _ => { });
        });

        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    internal static string NewPath() => Path.Combine(Directory.CreateTempSubdirectory("bench").FullName, "bus.db");
}
