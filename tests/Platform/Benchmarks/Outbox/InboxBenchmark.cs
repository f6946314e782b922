using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// Waiting messages, each one in and one out, at a concurrency of 20: with inbox and outbox and without either, and the same with a row
/// that the consumer keeps.
/// </summary>
static class InboxBenchmark
{
    const int Messages = 10_000;
    const int Rounds = 4;
    const int Concurrency = 20;

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var servers = await OutboxServers.Start(cancellationToken);
        var rows = new List<Row>();

        foreach (var keepsRow in (bool[])[false, true])
        {
            var suffix = keepsRow ? ", and a row" : "";
            var limit = await Measure(servers, false, keepsRow, cancellationToken);
            rows.Add(new Row($"neither{suffix}", [limit, null]));
            var measured = await Measure(servers, true, keepsRow, cancellationToken);
            rows.Add(new Row($"inbox and outbox{suffix}", [measured, measured / limit]));
        }

        return new Report(
            $"{Messages:#,0} waiting messages at concurrency {Concurrency}: one in, one out, until the last is with the broker; median of "
                + $"{Rounds - 1} rounds",
            ["msg/s", "to the limit"],
            rows);
    }

    // A host in a method of its own: MassTransit's logging is the flow's, and would be that of the host before.
    static async Task<double> Measure(OutboxServers servers, bool isOnce, bool keepsRow, CancellationToken cancellationToken)
    {
        var queue = $"bench-relay-{isOnce}-{keepsRow}";
        using var host = await OutboxBus.Start(
            await servers.NewDatabase(cancellationToken), servers.Broker, isOnce, cancellationToken,
            bus => bus.AddConsumer<RelayConsumer>().Endpoint(endpoint =>
            {
                endpoint.Name = queue;
                endpoint.AddConfigureEndpointCallback((context, configurator) =>
                {
                    configurator.ConcurrentMessageLimit = Concurrency;
                    configurator.PrefetchCount = 100;
                    if (isOnce)
                        configurator.UseEntityFrameworkOutbox<OrderContext>(context);
                });
            }));
        var arrivals = host.Services.GetRequiredService<Arrivals>();
        var relay = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{queue}"));
        var rates = new List<double>();

        for (var round = 0; round < Rounds; round++)
        {
            var all = arrivals.Expect(Messages);
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            RelayConsumer.Gate = gate.Task;
            await Parallel.ForAsync(0, Messages, cancellationToken,
                async (number, token) => await relay.Send(new RelayMessage(number, keepsRow, BenchMessage.Filler), token));

            var clock = Stopwatch.StartNew();
            gate.SetResult();
            await all.WaitAsync(TimeSpan.FromMinutes(3), cancellationToken);
            await servers.UntilLeft("outbox_message", 0, cancellationToken);
            rates.Add(Messages / clock.Elapsed.TotalSeconds);
            await Console.Error.WriteLineAsync($"{queue}: {rates[^1]:0} msg/s");
        }

        await host.StopAsync(cancellationToken);
        return rates.Skip(1).Order().ElementAt((Rounds - 1) / 2);
    }
}

public sealed record RelayMessage(int Number, bool KeepsRow, string Text);

/// <summary>Sends a message on, and keeps a row where it is asked to.</summary>
public sealed class RelayConsumer(OrderContext context, Arrivals arrivals) : IConsumer<RelayMessage>
{
    /// <summary>What every message waits for, so that all of them are there when the clock starts.</summary>
    public static Task Gate { get; set; } = Task.CompletedTask;

    public async Task Consume(ConsumeContext<RelayMessage> message)
    {
        await Gate;

        if (message.Message.KeepsRow)
        {
            context.Orders.Add(new Order { Id = NewId.NextGuid(), Number = message.Message.Number });
            await context.SaveChangesAsync(message.CancellationToken);
        }

        await message.Send(new Uri($"exchange:{OutboxBus.Queue}"), new BenchMessage(message.Message.Number, message.Message.Text));
        arrivals.Arrived();
    }
}
