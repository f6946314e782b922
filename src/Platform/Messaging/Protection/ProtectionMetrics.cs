using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>
/// What retries, circuit breakers, kill switches and rate limits tell about themselves, under the meter <c>Bus.Queues</c>.
/// </summary>
sealed class ProtectionMetrics : IDisposable
{
    public const string MeterName = "Bus.Queues";

    const string Queue = "queue";

    readonly Meter _meter;
    readonly Histogram<double> _delays;
    readonly DeclaredCounter _opened;
    readonly DeclaredCounter _tripped;
    readonly DeclaredCounter _limited;

    public ProtectionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _delays = _meter.CreateHistogram<double>("bus.retry.delay", "s", "How long failed messages are made to wait.");
        _opened = new DeclaredCounter(
            _meter, "bus.circuit_breaker.opened", "{time}", "How often a queue's circuit breaker opened.", Queue);
        _tripped = new DeclaredCounter(_meter, "bus.kill_switch.tripped", "{time}", "How often a queue's kill switch tripped.", Queue);
        _limited = new DeclaredCounter(_meter, "bus.rate_limit.waits", "{message}", "Messages that a queue's rate limit made wait.", Queue);
    }

    /// <summary>Reports which queues are paused.</summary>
    public void Watch(Func<IEnumerable<QueueControl>> queues) =>
        _meter.CreateObservableGauge(
            "bus.queue.paused",
            () => queues().Select(control =>
                new Measurement<int>(control.Pause is null ? 0 : 1, KeyValuePair.Create<string, object?>(Queue, control.Queue))),
            "{queue}",
            "1 while a circuit breaker or kill switch holds a queue's messages back.");

    /// <summary>Has the series of a queue be there.</summary>
    public void Declare(string queue)
    {
        _opened.Declare(queue);
        _tripped.Declare(queue);
        _limited.Declare(queue);
    }

    public void Retried(string queue, TimeSpan delay) => _delays.Record(delay.TotalSeconds, Of(queue));

    public void BreakerOpened(string queue) => _opened.Add(queue);

    public void KillSwitchTripped(string queue) => _tripped.Add(queue);

    public void Limited(string queue) => _limited.Add(queue);

    public void Dispose() => _meter.Dispose();

    static KeyValuePair<string, object?> Of(string queue) => new(Queue, queue);
}
