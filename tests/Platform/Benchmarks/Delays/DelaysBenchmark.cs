using System.Diagnostics;
using System.Globalization;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// Messages scheduled at a steady rate, each due some seconds later: how late they come. Tells how it goes every five seconds.
/// </summary>
static class DelaysBenchmark
{
    const int Rate = 1_000;
    const int Slice = 20;
    const int Shortest = 5_000;
    const int Longest = 60_000;

    // 100,000 in all; fewer by hand: BENCH_DELAYS=20000. One transport: BENCH_DELAYS_ON=sqlite, rabbitmq-quorum or rabbitmq-classic.
    static readonly int Messages = int.Parse(Environment.GetEnvironmentVariable("BENCH_DELAYS") ?? "100000", CultureInfo.InvariantCulture);
    static readonly string? Only = Environment.GetEnvironmentVariable("BENCH_DELAYS_ON");

    static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        List<Row> rows = [];
        if (Only is null or "sqlite")
            rows.Add(await Measure(
                "sqlite", new SqliteTransport(), new() { ["Bus:Sqlite:Path"] = SqliteBenchmark.NewPath() }, cancellationToken));

        foreach (var type in new[] { "quorum", "classic" }.Where(type => Only is null || Only == $"rabbitmq-{type}"))
        {
            await using var rabbit = new RabbitMqServer();
            await rabbit.Start(cancellationToken);
            rows.Add(await Measure($"rabbitmq-{type}", new RabbitMqTransport(), new()
            {
                ["Bus:RabbitMq:Url"] = await rabbit.CreateVirtualHost(cancellationToken),
                ["Bus:RabbitMq:QueueType"] = type,
            }, cancellationToken));
        }

        return new Report(
            $"{Messages:#,0} messages of 256 bytes scheduled at {Rate:#,0} a second, each due {Shortest / 1000} to {Longest / 1000} s "
                + "later; lateness in ms",
            ["scheduled/s", "p50 ms", "p99 ms", "max ms", "over 1 s", "early", "lost", "double"],
            rows);
    }

    static async Task<Row> Measure(
        string name, BusTransport transport, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings)
            .AddInMemoryCollection([new("Bus:Transport", transport.Name), new("Bus:Database:Path", folder.At("state.db"))]);
        builder.Services.AddSingleton(new Lateness(Messages));
        builder.Services.AddBus(builder.Configuration, [new DelaysDomain()], [transport], new Scheduling.SchedulingModule());
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var lateness = host.Services.GetRequiredService<Lateness>();

        var clock = Stopwatch.StartNew();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var telling = Tell(name, lateness, clock, stop.Token);

        var rate = await Schedule(host.Services, lateness, clock, cancellationToken);
        await lateness.All.WaitAsync(TimeSpan.FromMilliseconds(Longest) + Grace, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        await stop.CancelAsync();
        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync(cancellationToken);

        var figures = lateness.Figures();
        return new Row(name,
            [rate, figures.Median, figures.P99, figures.Max, figures.Late, figures.Early, Messages - lateness.Received, lateness.Doubled]);
    }

    /// <returns>How many were scheduled each second: safe with the transport, not only handed to it.</returns>
    static async Task<double> Schedule(IServiceProvider services, Lateness lateness, Stopwatch clock, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var sent = 0;
        List<Task> sending = [];

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Slice));
        while (sent < Messages && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var until = Math.Min(Messages, (int)(clock.Elapsed.TotalSeconds * Rate)); sent < until; sent++)
                sending.Add(Send(sent));

            sending.RemoveAll(task => task.IsCompletedSuccessfully);
        }

        await Task.WhenAll(sending);
        return sent / clock.Elapsed.TotalSeconds;

        async Task Send(int number)
        {
            var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(Shortest + number * 7919L % (Longest - Shortest));
            await scheduler.SchedulePublish(due, new Delayed(number, due, BenchMessage.Filler), cancellationToken);
            lateness.CountScheduled();
        }
    }

    static async Task Tell(string name, Lateness lateness, Stopwatch clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var figures = lateness.Figures();
            await Console.Out.WriteLineAsync(
                $"{name} after {clock.Elapsed.TotalSeconds,4:0} s: {lateness.Scheduled,7:#,0} scheduled, "
                + $"{lateness.Received,7:#,0} delivered; "
                + $"p50 {figures.Median:0} ms, p99 {figures.P99:0} ms, max {figures.Max:0} ms, {figures.Late} over 1 s");
        }
    }
}

/// <summary>A message that is due at a time.</summary>
public sealed record Delayed(int Number, DateTime Due, string Text);

/// <summary>Listens for delayed messages.</summary>
public sealed class DelaysDomain : BusDomain
{
    public override QueuePolicy Policy => new() { Concurrency = Contender.Senders, Prefetch = Contender.Prefetch };
}

public sealed class DelayedConsumer(Lateness lateness) : IConsumer<Delayed>
{
    public Task Consume(ConsumeContext<Delayed> context)
    {
        lateness.Add(context.Message.Number, TimeProvider.System.GetUtcNow().UtcDateTime - context.Message.Due);
        return Task.CompletedTask;
    }
}
