namespace Maestro.Bus.Benchmarks;

/// <summary>
/// End-to-end throughput and one-at-a-time latency of each transport as the product configures it, with the raw client beside RabbitMQ.
/// </summary>
static class TransportsBenchmark
{
    const int WarmUps = 3;
    const int Rounds = 5;
    const int Pings = 400;

    static readonly string[] Columns = ["published/s", "end to end/s", "slowest/s", "fastest/s", "to memory", "to raw client", "p50 ms",
        "p99 ms"];

    /// <summary>The transports take turns, so that whatever else the machine does at the time meets all of them.</summary>
    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(cancellationToken);
        var contenders = new List<(Contender Own, Contender? Raw)>();

        var memory = await Start("memory", new MemoryTransport(), [], cancellationToken);
        contenders.Add((memory, null));
        foreach (var durability in Enum.GetValues<SqliteDurability>())
            contenders.Add((await Start(Name("sqlite", durability), new SqliteTransport(), new()
            {
                ["Bus:Sqlite:Path"] = SqliteBenchmark.NewPath(),
                ["Bus:Sqlite:Durability"] = $"{durability}",
            }, cancellationToken), null));

        foreach (var queueType in Enum.GetValues<RabbitMqQueueType>())
        {
            var raw = await RawRabbitMq.Start(
                Name("RabbitMQ.Client", queueType), await rabbit.CreateVirtualHost(cancellationToken),
                queueType == RabbitMqQueueType.Quorum, cancellationToken);
            contenders.Add((raw, raw));
            contenders.Add((await Start(Name("rabbitmq", queueType), new RabbitMqTransport(), new()
            {
                ["Bus:RabbitMq:Url"] = await rabbit.CreateVirtualHost(cancellationToken),
                ["Bus:RabbitMq:QueueType"] = $"{queueType}",
            }, cancellationToken), raw));
        }

        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            foreach (var (contender, _) in contenders)
                await contender.Send(isWarmUp: round < WarmUps, cancellationToken);
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (contender, _) in contenders)
                await contender.Ping(Pings, cancellationToken);
        }

        foreach (var (contender, _) in contenders)
            await contender.DisposeAsync();

        return new Report(
            $"{Contender.Messages:#,0} messages of 256 bytes, {Contender.Senders} senders, prefetch {Contender.Prefetch}; median of "
                + $"{Rounds} rounds in turn; latency one at a time",
            Columns,
            contenders.ConvertAll(contender => Figures(contender.Own, memory, contender.Raw)));
    }

    static string Name(string transport, Enum kind) => $"{transport}, {kind.ToString().ToLowerInvariant()}";

    static Row Figures(Contender own, Contender memory, Contender? raw) => new(
        own.Name,
        [
            own.PublishedPerSecond,
            own.EndToEndPerSecond,
            own.Slowest,
            own.Fastest,
            own.EndToEndPerSecond / memory.EndToEndPerSecond,
            raw is null ? null : own.EndToEndPerSecond / raw.EndToEndPerSecond,
            own.Latency(50),
            own.Latency(99),
        ]);

    static async Task<Contender> Start(
        string name, BusTransport transport, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection([new("Bus:Transport", transport.Name)]);
        builder.Services.AddBus(builder.Configuration, [new BenchDomain()], transport is MemoryTransport ? [] : [transport]);

        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var bus = host.Services.GetRequiredService<IBus>();

        return new Contender(
            name,
            number => bus.Publish(new BenchMessage(number, BenchMessage.Filler), cancellationToken),
            host.Services.GetRequiredService<Arrivals>(),
            async () =>
            {
                await host.StopAsync(cancellationToken);
                await ((IAsyncDisposable)host).DisposeAsync();
            });
    }
}
