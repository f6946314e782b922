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
    readonly Counter<long> _opened;
    readonly Counter<long> _tripped;
    readonly Counter<long> _limited;

    public ProtectionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _delays = _meter.CreateHistogram<double>("bus.retry.delay", "s", "How long failed messages are made to wait.");
        _opened = _meter.CreateCounter<long>("bus.circuit_breaker.opened", "{time}", "How often a queue's circuit breaker opened.");
        _tripped = _meter.CreateCounter<long>("bus.kill_switch.tripped", "{time}", "How often a queue's kill switch tripped.");
        _limited = _meter.CreateCounter<long>("bus.rate_limit.waits", "{message}", "Messages that a queue's rate limit made wait.");
    }

    /// <summary>Reports which queues are paused.</summary>
    public void Watch(Func<IEnumerable<QueueControl>> queues) =>
        _meter.CreateObservableGauge(
            "bus.queue.paused",
            () => queues().Select(control =>
                new Measurement<int>(control.Pause is null ? 0 : 1, KeyValuePair.Create<string, object?>(Queue, control.Queue))),
            "{queue}",
            "1 while a circuit breaker or kill switch holds a queue's messages back.");

    public void Retried(string queue, TimeSpan delay) => _delays.Record(delay.TotalSeconds, Of(queue));

    public void BreakerOpened(string queue) => _opened.Add(1, Of(queue));

    public void KillSwitchTripped(string queue) => _tripped.Add(1, Of(queue));

    public void Limited(string queue) => _limited.Add(1, Of(queue));

    public void Dispose() => _meter.Dispose();

    static KeyValuePair<string, object?> Of(string queue) => new(Queue, queue);
}
