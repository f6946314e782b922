using System.Diagnostics;

namespace MaestroBus.Benchmarks;

/// <summary>What was measured of one way to bring messages from a sender to a receiver.</summary>
sealed record Measurement(double PublishedPerSecond, double EndToEndPerSecond, double LatencyP50, double LatencyP99)
{
    public const int Messages = 20_000;
    public const int Senders = 100;
    public const int Prefetch = 200;
    const int Rounds = 4;
    const int Pings = 1_000;

    /// <summary>Measures several rounds and takes the median of all but the first, which warms up.</summary>
    /// <param name="send">Sends one message; completes when it is safe with the transport.</param>
    /// <param name="received">Counts the messages that arrive.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<Measurement> Take(Func<int, Task> send, Arrivals received, CancellationToken cancellationToken)
    {
        var rounds = new List<(double Published, double EndToEnd)>();

        for (var round = 0; round < Rounds; round++)
        {
            var all = received.Expect(Messages);
            var clock = Stopwatch.StartNew();
            var next = -1;

            await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(
                async () =>
                {
                    while (Interlocked.Increment(ref next) is var number && number < Messages)
                        await send(number);
                },
                cancellationToken)));

            var published = clock.Elapsed;
            await all.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
            rounds.Add((Messages / published.TotalSeconds, Messages / clock.Elapsed.TotalSeconds));
        }

        var latencies = new double[Pings];
        for (var i = 0; i < Pings; i++)
        {
            var arrival = received.Expect(1);
            var start = Stopwatch.GetTimestamp();
            await send(i);
            await arrival.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
            latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(latencies);
        return new Measurement(
            Median(rounds.Skip(1).Select(round => round.Published)),
            Median(rounds.Skip(1).Select(round => round.EndToEnd)),
            latencies[Pings / 2],
            latencies[Pings * 99 / 100]);
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
