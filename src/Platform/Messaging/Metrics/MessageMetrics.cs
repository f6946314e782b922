using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Counts what becomes of messages, under the meter <c>Bus.Messages</c>. The counts are kept here and read when they are asked for: a
/// series has the value 0 as soon as its queue is known, also for a listener that starts later. Counting a message is one addition.
/// </summary>
sealed class MessageMetrics : IDisposable
{
    public const string MeterName = "Bus.Messages";

    /// <summary>What stands for all that is beyond the bounds below.</summary>
    public const string Other = "other";

    // Types of messages come from code, those of exceptions, too; both are bounded for programs that make types as they run.
    const int SentTypes = 200;
    const int ErrorTypes = 200;

    readonly Meter _meter;
    readonly Histogram<double> _durations;
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<(string Queue, string Type), QueueMessages> _queues = [];
    readonly ConcurrentDictionary<string, Count> _published = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(string Queue, string Error), Count> _errors = [];
    readonly Count _ignored = new();
    readonly Count _sentAgain = new();
    int _undeclared;

    public MessageMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _durations = _meter.CreateHistogram<double>(
            "messaging_message_processing_duration_seconds", "s", "How long runs of consumers' code take, with their commit.");
        _meter.CreateObservableCounter(
            "messaging_messages_published_total", Published,
            description: "Messages that applications have sent, once the broker has them.");
        _meter.CreateObservableCounter(
            "messaging_messages_consumed_total", Consumed, description: "Messages that have come to an end, by outcome.");
        _meter.CreateObservableCounter(
            "messaging_errors_total", Failed, description: "Attempts that have failed, by what became of the message.");
        _meter.CreateObservableCounter(
            "bus.errors.by_type", FailedByType, "{attempt}", "Attempts that have failed, by the type of the exception.");
        _meter.CreateObservableCounter(
            "bus.dead_letters.sent_again", () => _sentAgain.Value, "{message}",
            "Dead letters that were sent again, once the broker has them.");
        _meter.CreateObservableUpDownCounter(
            "bus.messages.in_flight", InFlight, "{message}", "Messages that consumers of this process work on.");
    }

    /// <summary>Gets what counts the messages of one type in one queue, and declares their series.</summary>
    /// <param name="queue">The queue's name, or <c>topic@group</c>.</param>
    /// <param name="type">The type's name on the wire.</param>
    public QueueMessages Of(string queue, string type)
    {
        if (!IsOfMassTransit(type))
            DeclarePublished(MessageTypeLabel.Of(type));

        return _queues.GetOrAdd(
            (queue, MessageTypeLabel.Of(type)), static (key, metrics) => new QueueMessages(key.Queue, key.Type, metrics), this);
    }

    /// <summary>Declares the series of messages that no consumer of a queue could be found for.</summary>
    public void Declare(string queue) => _queues.GetOrAdd(
        (queue, Other), static (key, metrics) => new QueueMessages(key.Queue, key.Type, metrics), this);

    /// <summary>
    /// Counts a message that has come to an end outside of its consumer. One that has not come as far as a consumer is counted by the type
    /// that its headers name if the queue has a consumer of it, and as <see cref="Other"/> if not.
    /// </summary>
    public void Ended(string queue, ReceiveContext message, ConsumedOutcome outcome)
    {
        if (message.TryGetPayload(out QueueMessages? messages)
            || (message.TransportHeaders.Get<string>(MessageHeaders.MessageType)?.Split(';') is [var type, ..]
                && _queues.TryGetValue((queue, MessageTypeLabel.Of(type)), out messages))
            || _queues.TryGetValue((queue, Other), out messages))
            messages.Ended(outcome);
    }

    /// <summary>Counts a message that the broker has taken. MassTransit's own are left out.</summary>
    /// <param name="type">Its type's name on the wire.</param>
    public void Sent(string type) => PublishedOf(type).Increment();

    /// <summary>Counts a dead letter that was sent again.</summary>
    public void SentAgain() => _sentAgain.Increment();

    public void Dispose() => _meter.Dispose();

    internal void Ran(TimeSpan duration, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _durations.Record(duration.TotalSeconds, tags);

    internal void Failed(string queue, Exception exception)
    {
        var key = (queue, NameOf(exception.GetType()));
        if (!_errors.TryGetValue(key, out var count))
            count = _errors.GetOrAdd(_errors.Count < ErrorTypes ? key : (queue, Other), _ => new Count());

        count.Increment();
    }

    // Generic types are as many as their arguments; their definitions are few.
    static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;

    static bool IsOfMassTransit(string type) => type.StartsWith("urn:message:MassTransit:", StringComparison.Ordinal)
        || type.StartsWith("urn:message:MassTransit.", StringComparison.Ordinal);

    void DeclarePublished(string label)
    {
        lock (_lock)
            _published.TryAdd(label, new Count());
    }

    Count PublishedOf(string type)
    {
        if (IsOfMassTransit(type))
            return _ignored;

        var label = MessageTypeLabel.Of(type);
        if (_published.TryGetValue(label, out var known))
            return known;

        lock (_lock)
        {
            if (_published.TryGetValue(label, out known))
                return known;

            return _published.GetOrAdd(_undeclared++ < SentTypes ? label : Other, _ => new Count());
        }
    }

    IEnumerable<Measurement<long>> Published() => _published.Select(entry => new Measurement<long>(
        entry.Value.Value, KeyValuePair.Create<string, object?>(Labels.MessageType, entry.Key)));

    IEnumerable<Measurement<long>> Consumed() => _queues.Values.SelectMany(queue => queue.Consumed());

    IEnumerable<Measurement<long>> Failed() => _queues.Values.SelectMany(queue => queue.Failed());

    IEnumerable<Measurement<long>> InFlight() => _queues.Values.GroupBy(messages => messages.Queue).Select(queue =>
        new Measurement<long>(queue.Sum(messages => messages.InFlight), KeyValuePair.Create<string, object?>(Labels.Queue, queue.Key)));

    IEnumerable<Measurement<long>> FailedByType() => _errors.Select(entry => new Measurement<long>(
        entry.Value.Value, KeyValuePair.Create<string, object?>(Labels.Queue, entry.Key.Queue), new("error_type", entry.Key.Error)));

    sealed class Count
    {
        long _count;

        public long Value => Interlocked.Read(ref _count);

        public void Increment() => Interlocked.Increment(ref _count);
    }
}
