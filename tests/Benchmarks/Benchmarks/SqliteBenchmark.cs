using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Benchmarks;

/// <summary>The embedded transport beside MassTransit's in-memory one, in one run.</summary>
public static class SqliteBenchmark
{
    const string Queue = "bench-pings";

    static readonly (string Name, string Durability)[] Transports = [("memory", ""), ("sqlite", "normal"), ("sqlite", "full")];

    static readonly Uri Address = new($"queue:{Queue}");

    public static async Task Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["mixed", ..]:
                await Mixed();
                break;
            case ["backlog", .. var rest]:
                await Backlog(Number(rest, 0, 1_000_000));
                break;
            case ["million", .. var rest]:
                await Million(Number(rest, 0, 1_000_000));
                break;
            default:
                await Throughput(Number(arguments, 0, 20_000), Number(arguments, 1, 9));
                break;
        }
    }

    /// <summary>The transports take turns, so that whatever else the machine does at the time meets all of them.</summary>
    static async Task Throughput(int messages, int rounds)
    {
        var buses = new List<(string Name, IHost Host, List<double> Rates)>();
        foreach (var (name, durability) in Transports)
            buses.Add(($"{name} {durability}", await Start(name, durability, concurrency: 200), []));

        for (var round = 0; round < rounds; round++)
            foreach (var (name, host, rates) in buses)
            {
                var cpu = Process.GetCurrentProcess().TotalProcessorTime;
                var clock = Stopwatch.StartNew();
                await Send(host, messages);
                var sent = clock.Elapsed;
                await Pings.Handled(messages);
                rates.Add(messages / clock.Elapsed.TotalSeconds);
                cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
                Print($"{name,-13} round {round}: published {messages / sent.TotalSeconds,7:0}/s, end to end {rates[^1],7:0}/s, {cpu.TotalMicroseconds / messages,4:0} us per message");
            }

        foreach (var (name, host, rates) in buses)
        {
            // The first rounds are the compiler's.
            var (own, memory) = (Median(rates.Skip(rounds / 3)), Median(buses[0].Rates.Skip(rounds / 3)));
            Print($"{name,-13} median end to end {own,7:0}/s, {own / memory:0.00} of memory's; one at a time: {await Latency(host)}");
            await host.StopAsync();
            host.Dispose();
        }
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    static async Task<string> Latency(IHost bus)
    {
        var latencies = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await Send(bus, 1);
            await Pings.Handled(1);
            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        latencies.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {latencies[500]:0.00} ms, p99 {latencies[990]:0.00} ms");
    }

    /// <summary>Consumers take 5 ms, and one in a hundred takes 500 ms.</summary>
    static async Task Mixed()
    {
        foreach (var (name, durability) in Transports)
        {
            Pings.Work = number => number % 100 == 0 ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromMilliseconds(5);
            using var bus = await Start(name, durability, concurrency: 100);

            for (var round = 0; round < 3; round++)
            {
                var clock = Stopwatch.StartNew();
                await Send(bus, 20_000);
                await Pings.Handled(20_000);
                Print($"{name,-7}{durability,-7} mixed round {round}: {20_000 / clock.Elapsed.TotalSeconds:0}/s, at most {Pings.MostAtOnce} at once");
            }

            await bus.StopAsync();
            Pings.Work = null;
        }
    }

    /// <summary>Delivery from a queue with a long backlog, and from an empty one.</summary>
    static async Task Backlog(int backlog)
    {
        const int sample = 100_000;

        // The first one is the compiler's.
        foreach (var (present, delayed) in new[] { (sample, 0), (sample, 0), (sample, backlog), (backlog, 0), (sample, 0), (backlog, 0) })
        {
            var path = NewPath();

            using (var sender = await Start("sqlite", "normal", 0, path))
            {
                await Send(sender, present);
                await Schedule(sender, delayed);
                await sender.StopAsync();
            }

            Print($"{sample} of {present} messages{(delayed > 0 ? $", beside {delayed} that are due tomorrow" : "")}: {await Drain(path, sample):0}/s; the file had {new FileInfo(path).Length >> 20} MB");
        }
    }

    static async Task<double> Drain(string path, int messages)
    {
        using var bus = await Start("sqlite", "normal", 200, path);
        var clock = Stopwatch.StartNew();
        await Pings.Handled(messages);
        var rate = messages / clock.Elapsed.TotalSeconds;
        await bus.StopAsync();
        Pings.Reset();
        return rate;
    }

    static async Task Million(int messages)
    {
        var path = NewPath();
        using var bus = await Start("sqlite", "normal", 200, path);
        var clock = Stopwatch.StartNew();

        for (var sent = 0; sent < messages; sent += 100_000)
        {
            await Send(bus, 100_000);
            await Pings.Handled(100_000);
            Print($"{sent + 100_000,8}: {Process.GetCurrentProcess().WorkingSet64 >> 20} MB of memory, {GC.GetTotalMemory(true) >> 10} KB of it in use; file {new FileInfo(path).Length >> 10} KB, log {new FileInfo(path + "-wal").Length >> 10} KB");
        }

        Print($"{messages / clock.Elapsed.TotalSeconds:0}/s");
        await bus.StopAsync();
    }

    static async Task Send(IHost host, int messages)
    {
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Address);
        await Parallel.ForEachAsync(Enumerable.Range(0, messages), new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (number, cancel) => await endpoint.Send(new Ping(number), cancel));
    }

    static async Task Schedule(IHost host, int messages)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var tomorrow = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);
        await Parallel.ForEachAsync(Enumerable.Range(0, messages), new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (number, cancel) => await scheduler.ScheduleSend(Address, tomorrow.AddMilliseconds(number), new Ping(number), cancel));
    }

    static async Task<IHost> Start(string name, string durability, int concurrency, string? path = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Sqlite:Path"] = path ?? NewPath(),
            ["Bus:Sqlite:Durability"] = durability.Length > 0 ? durability : null,
        }.Where(pair => pair.Value is not null));

        BusTransport transport = name == "memory" ? new MemoryTransport() : new SqliteTransport();
        builder.Services.AddSingleton(TimeProvider.System);
        transport.AddServices(new BusBuilder(builder.Services, builder.Configuration));
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            // Without a consumer the messages stay in the queue.
            if (concurrency > 0)
                bus.AddConsumer<Pings>().Endpoint(endpoint => endpoint.Name = Queue);
            bus.AddConfigureEndpointsCallback((_, queue, endpoint) =>
                endpoint.ApplyPolicy(queue, new QueuePolicy { Concurrency = concurrency, Attempts = 1 }, transport));
            transport.Use(bus, _ => { });
        });

        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    static string NewPath() => Path.Combine(Directory.CreateTempSubdirectory("bench").FullName, "bus.db");

    static int Number(string[] arguments, int index, int otherwise) => arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;

    static void Print(string line) => Console.WriteLine(line);
}
