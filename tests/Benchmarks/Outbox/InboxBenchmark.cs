using System.Diagnostics;

namespace MaestroBus.Benchmarks;

/// <summary>One message in, a row and one message out, at a concurrency of 20: with inbox and outbox, and without either.</summary>
static class InboxBenchmark
{
    const int Messages = 10_000;
    const int Rounds = 4;
    const int Concurrency = 20;

    public static async Task<Report> Run(CancellationToken cancellationToken)
    {
        await using var servers = await OutboxServers.Start(cancellationToken);
        var rows = new List<Row>();

        foreach (var isOnce in (bool[])[false, true])
        {
            var database = await servers.NewDatabase(cancellationToken);
            using var host = await OutboxBus.Start(
                database, servers.Broker, isOnce, cancellationToken,
                bus => bus.AddConsumer<RelayConsumer>().Endpoint(endpoint =>
                {
                    endpoint.Name = $"bench-relay-{isOnce}";
                    endpoint.AddConfigureEndpointCallback((context, configurator) =>
                    {
                        configurator.ConcurrentMessageLimit = Concurrency;
                        configurator.PrefetchCount = 100;
                        if (isOnce)
                            configurator.UseEntityFrameworkOutbox<OrderContext>(context);
                    });
                }));
            var rates = new List<double>();

            for (var round = 0; round < Rounds; round++)
            {
                var bus = host.Services.GetRequiredService<IBus>();
                var all = host.Services.GetRequiredService<Arrivals>().Expect(Messages);
                var relay = await bus.GetSendEndpoint(new Uri($"queue:bench-relay-{isOnce}"));
                var clock = Stopwatch.StartNew();
                var next = 0;
                await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
                    async () =>
                    {
                        while (Interlocked.Increment(ref next) is var number && number <= Messages)
                            await relay.Send(new RelayMessage(number, BenchMessage.Filler), cancellationToken);
                    },
                    cancellationToken)));
                await all.WaitAsync(TimeSpan.FromMinutes(3), cancellationToken);
                await servers.UntilLeft("outbox_message", 0, cancellationToken);
                rates.Add(Messages / clock.Elapsed.TotalSeconds);
                await Console.Error.WriteLineAsync($"{(isOnce ? "inbox and outbox" : "neither")}: {rates[^1]:0} msg/s");
            }

            await host.StopAsync(cancellationToken);
            var median = rates.Skip(1).Order().ElementAt((Rounds - 1) / 2);
            rows.Add(new Row(isOnce ? "inbox and outbox" : "neither", [median, rows.Count == 0 ? null : median / rows[0].Values[0]]));
        }

        return new Report($"{Messages:#,0} messages at concurrency {Concurrency}: one in, a row, one out; sending them included; median of {Rounds - 1} rounds", ["msg/s", "to the limit"], rows);
    }
}

public sealed record RelayMessage(int Number, string Text);

/// <summary>Keeps a row and sends a message on.</summary>
public sealed class RelayConsumer(OrderContext context, Arrivals arrivals) : IConsumer<RelayMessage>
{
    public async Task Consume(ConsumeContext<RelayMessage> message)
    {
        context.Orders.Add(new Order { Id = NewId.NextGuid(), Number = message.Message.Number });
        await context.SaveChangesAsync(message.CancellationToken);
        await message.Send(new Uri($"exchange:{OutboxBus.Queue}"), new BenchMessage(message.Message.Number, message.Message.Text));
        arrivals.Arrived();
    }
}
