using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>One way to bring messages from a sender to a receiver, and what was measured of it.</summary>
/// <param name="name">What the table calls it.</param>
/// <param name="send">Sends one message; completes when it is safe with the transport.</param>
/// <param name="received">Counts the messages that arrive.</param>
/// <param name="stop">Ends it.</param>
sealed class Contender(string name, Func<int, Task> send, Arrivals received, Func<ValueTask> stop) : IAsyncDisposable
{
    public const int Messages = 20_000;
    public const int Senders = 100;
    public const int Prefetch = 200;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    readonly List<double> _published = [];
    readonly List<double> _endToEnd = [];
    readonly List<double> _latencies = [];

    public string Name => name;

    public double PublishedPerSecond => Percentile(_published, 50);

    public double EndToEndPerSecond => Percentile(_endToEnd, 50);

    public double Slowest => _endToEnd.Min();

    public double Fastest => _endToEnd.Max();

    public double Latency(int percent) => Percentile(_latencies, percent);

    public ValueTask DisposeAsync() => stop();

    /// <summary>Sends many messages with many senders, and waits for the last one to arrive.</summary>
    public async Task Send(bool isWarmUp, CancellationToken cancellationToken)
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
        await all.WaitAsync(Limit, cancellationToken);
        if (isWarmUp)
            return;

        _published.Add(Messages / published.TotalSeconds);
        _endToEnd.Add(Messages / clock.Elapsed.TotalSeconds);
    }

    /// <summary>Sends one message after the other, each when the one before has arrived.</summary>
    public async Task Ping(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            var arrival = received.Expect(1);
            var start = Stopwatch.GetTimestamp();
            await send(i);
            await arrival.WaitAsync(Limit, cancellationToken);
            _latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    static double Percentile(List<double> values, int percent) => values.Order().ElementAt(values.Count * percent / 100);
}
