namespace Maestro.Bus.Benchmarks;

/// <summary>How late each of a number of messages has come.</summary>
public sealed class Lateness(int messages)
{
    const double Limit = 1_000;

    // Half a clock tick of the machine: a timer may ring so much before its time.
    const double Tolerance = -15;

    readonly double?[] _milliseconds = new double?[messages];
    readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _scheduled;
    int _received;
    int _doubled;

    /// <summary>Completes when each message has come.</summary>
    public Task All => _all.Task;

    public int Scheduled => _scheduled;

    public int Received => _received;

    public int Doubled => _doubled;

    public void CountScheduled() => Interlocked.Increment(ref _scheduled);

    public void Add(int number, TimeSpan late)
    {
        lock (_milliseconds)
        {
            if (_milliseconds[number] is not null)
            {
                _doubled++;
                return;
            }

            _milliseconds[number] = late.TotalMilliseconds;
            _received++;
        }

        if (_received == messages)
            _all.TrySetResult();
    }

    public (double Median, double P99, double Max, int Late, int Early) Figures()
    {
        List<double> sorted;
        lock (_milliseconds)
            sorted = [.. _milliseconds.OfType<double>().Order()];

        return sorted.Count == 0
            ? default
            : (sorted[sorted.Count / 2], sorted[(int)(sorted.Count * 0.99)], sorted[^1], sorted.Count(late => late > Limit),
                sorted.Count(late => late < Tolerance));
    }
}
