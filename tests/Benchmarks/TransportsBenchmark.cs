namespace MaestroBus.Benchmarks;

/// <summary>End-to-end throughput and one-at-a-time latency of each transport, with the raw client beside RabbitMQ.</summary>
static class TransportsBenchmark
{
    static readonly string[] Columns = ["published/s", "end to end/s", "to memory", "to raw client", "p50 ms", "p99 ms"];

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.Start(cancellationToken);

        var memory = await Measure(new MemoryTransport(), [], cancellationToken);
        var rows = new List<Row> { Figures("memory", memory, memory, null) };

        foreach (var queueType in Enum.GetValues<RabbitMqQueueType>())
        {
            var raw = await RawRabbitMq.Measure(await rabbit.CreateVirtualHost(cancellationToken), queueType == RabbitMqQueueType.Quorum, cancellationToken);
            var bus = await Measure(
                new RabbitMqTransport(),
                new() { ["Bus:RabbitMq:Url"] = await rabbit.CreateVirtualHost(cancellationToken), ["Bus:RabbitMq:QueueType"] = $"{queueType}" },
                cancellationToken);

            rows.Add(Figures($"RabbitMQ.Client, {queueType}".ToLowerInvariant(), raw, memory, raw));
            rows.Add(Figures($"rabbitmq, {queueType}".ToLowerInvariant(), bus, memory, raw));
        }

        return new Report(
            $"{Measurement.Messages:#,0} messages of 256 bytes, {Measurement.Senders} senders, prefetch {Measurement.Prefetch}; median of 3 rounds; latency one at a time",
            Columns,
            rows);
    }

    static Row Figures(string name, Measurement measured, Measurement memory, Measurement? raw) => new(
        name,
        [
            measured.PublishedPerSecond,
            measured.EndToEndPerSecond,
            measured.EndToEndPerSecond / memory.EndToEndPerSecond,
            raw is null ? null : measured.EndToEndPerSecond / raw.EndToEndPerSecond,
            measured.LatencyP50,
            measured.LatencyP99,
        ]);

    static async Task<Measurement> Measure(BusTransport transport, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection([new("Bus:Transport", transport.Name)]);
        builder.Services.AddBus(builder.Configuration, [new BenchDomain()], transport is MemoryTransport ? [] : [transport]);

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var bus = host.Services.GetRequiredService<IBus>();

        var measured = await Measurement.Take(
            number => bus.Publish(new BenchMessage(number, BenchMessage.Filler), cancellationToken), host.Services.GetRequiredService<Arrivals>(), cancellationToken);

        await host.StopAsync(cancellationToken);
        return measured;
    }
}
