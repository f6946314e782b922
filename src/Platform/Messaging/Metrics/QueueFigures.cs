using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>How much waits in the queues of a broker that all processes share, under the meter <c>Bus.Depths</c>.</summary>
public sealed class QueueFigures : IDisposable
{
    internal const string MeterName = "Bus.Depths";

    readonly ConcurrentDictionary<string, SharedFigure<QueueFigure>> _queues = new(StringComparer.Ordinal);
    readonly ISharedReporter? _reporter;
    readonly TimeProvider _time;
    readonly Meter _meter;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reporter">Tells whether this process reports; null for a process that shares nothing, which reports nothing.</param>
    public QueueFigures(IMeterFactory meters, TimeProvider time, ISharedReporter? reporter = null)
    {
        ArgumentNullException.ThrowIfNull(meters);
        (_time, _reporter) = (time, reporter);
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge(
            "bus.queue.depth", () => Of<long>(figure => figure.Depth), "{message}",
            "Messages that wait in a queue and no process works on.");
        _meter.CreateObservableGauge(
            "bus.queue.age", () => Of<double>(Age), "s", "How long the message that is delivered next has waited.");
    }

    /// <summary>Gets whether anything that is measured now is reported.</summary>
    public bool IsReporting => _reporter?.IsReporting == true;

    /// <summary>Notes what a queue holds.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="depth">How many messages wait; those that a process works on are not among them.</param>
    /// <param name="next">Since when the one waits that is delivered next; null if none waits, or the broker does not tell.</param>
    public void Set(string queue, long depth, DateTimeOffset? next = null) =>
        _queues.GetOrAdd(queue, _ => new SharedFigure<QueueFigure>(_reporter, _time)).Set(new QueueFigure(depth, next));

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    double? Age(QueueFigure figure) => figure.Next is { } next ? Math.Max(0, (_time.GetUtcNow() - next).TotalSeconds) : null;

    IEnumerable<Measurement<T>> Of<T>(Func<QueueFigure, T?> value)
        where T : struct =>
        from queue in _queues
        let figure = queue.Value.Current
        where figure is not null
        let measured = value(figure)
        where measured is not null
        select new Measurement<T>(measured.Value, KeyValuePair.Create<string, object?>(Labels.Queue, queue.Key));

    sealed record QueueFigure(long Depth, DateTimeOffset? Next);
}
