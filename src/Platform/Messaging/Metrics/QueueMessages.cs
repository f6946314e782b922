using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>Counts the messages of one type in one queue of this process.</summary>
sealed class QueueMessages
{
    static readonly string[] ConsumedNames = ["handled", "duplicate", "dead_lettered", "discarded"];
    static readonly string[] FailedNames = ["retried", "returned", "dead_lettered"];

    readonly MessageMetrics _metrics;
    readonly KeyValuePair<string, object?>[] _tags;
    readonly long[] _consumed = new long[ConsumedNames.Length];
    readonly long[] _failed = new long[FailedNames.Length];
    long _inFlight;

    public QueueMessages(string queue, string type, MessageMetrics metrics)
    {
        (Queue, _metrics) = (queue, metrics);
        _tags = [new(Labels.Queue, queue), new(Labels.MessageType, type)];
    }

    public string Queue { get; }

    /// <summary>Gets how many attempts are running.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>An attempt begins.</summary>
    /// <returns>When, for <see cref="Ran"/>.</returns>
    public long Begin()
    {
        Interlocked.Increment(ref _inFlight);
        return Stopwatch.GetTimestamp();
    }

    /// <summary>An attempt has ended, whatever became of it.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>The message has been handled, or had been before.</summary>
    public void Handled(long begun, bool isDuplicate)
    {
        if (!isDuplicate)
            Ran(begun);

        Ended(isDuplicate ? ConsumedOutcome.Duplicate : ConsumedOutcome.Handled);
    }

    /// <summary>The attempt has failed.</summary>
    public void Failed(long begun, FailedOutcome outcome, Exception exception)
    {
        Ran(begun);
        Interlocked.Increment(ref _failed[(int)outcome]);
        _metrics.Failed(Queue, exception);
    }

    /// <summary>The message has come to an end.</summary>
    public void Ended(ConsumedOutcome outcome) => Interlocked.Increment(ref _consumed[(int)outcome]);

    public IEnumerable<Measurement<long>> Consumed() => Read(_consumed, ConsumedNames);

    public IEnumerable<Measurement<long>> Failed() => Read(_failed, FailedNames);

    void Ran(long begun) => _metrics.Ran(Stopwatch.GetElapsedTime(begun), _tags);

    IEnumerable<Measurement<long>> Read(long[] counts, string[] outcomes) => outcomes.Index().Select(outcome => new Measurement<long>(
        Interlocked.Read(ref counts[outcome.Index]), [.. _tags, new(Labels.Outcome, outcome.Item)]));
}
