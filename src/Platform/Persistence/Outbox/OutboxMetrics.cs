using System.Diagnostics.Metrics;

namespace Maestro.Bus.Persistence;

/// <summary>What the outbox tells about itself, under the meter <c>Bus.Outbox</c>.</summary>
sealed class OutboxMetrics : IDisposable
{
    public const string MeterName = "Bus.Outbox";

    readonly Meter _meter;
    readonly Counter<long> _sent;
    readonly Counter<long> _refused;
    readonly TimeProvider _time;
    readonly SharedFigure<OutboxBacklog> _backlog;

    public OutboxMetrics(IMeterFactory meters, TimeProvider time, ISharedReporter reporter, DatabaseSettings settings)
    {
        (_time, _backlog) = (time, new SharedFigure<OutboxBacklog>(reporter, time, settings.Outbox.MeasureInterval));
        _meter = meters.Create(MeterName);
        _sent = _meter.CreateCounter<long>("bus.outbox.sent", "{message}", "Messages that were sent from the outbox.");
        _refused = _meter.CreateCounter<long>("bus.outbox.refused", "{message}", "Attempts to send that failed.");
        _meter.CreateObservableGauge(
            "bus.outbox.backlog", () => Of(backlog => backlog.Waiting), "{message}", "Messages that wait to be sent.");
        _meter.CreateObservableGauge(
            "bus.outbox.parked", () => Of(backlog => backlog.Parked), "{message}", "Messages whose destination does not take any.");
        _meter.CreateObservableGauge("bus.outbox.given_up", () => Of(backlog => backlog.GivenUp), "{message}",
            "Messages that their destination, which takes others, has refused too often.");
        _meter.CreateObservableGauge("bus.outbox.age", Age, "s", "The age of the oldest message that waits.");
    }

    public void Sent() => _sent.Add(1);

    public void Refused() => _refused.Add(1);

    public void Measured(OutboxBacklog backlog) => _backlog.Set(backlog);

    public void Dispose() => _meter.Dispose();

    IEnumerable<Measurement<long>> Of(Func<OutboxBacklog, long> figure) =>
        _backlog.Current is { } backlog ? [new(figure(backlog))] : [];

    IEnumerable<Measurement<double>> Age() =>
        _backlog.Current is { } backlog
            ? [new(backlog.Oldest is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0)]
            : [];
}
