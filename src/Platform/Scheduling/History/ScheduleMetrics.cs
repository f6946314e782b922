using System.Diagnostics.Metrics;

namespace Maestro.Bus.Scheduling;

/// <summary>What the scheduler tells about itself, under the meter <c>Bus.Schedules</c>.</summary>
sealed class ScheduleMetrics : IDisposable
{
    public const string MeterName = "Bus.Schedules";

    readonly Meter _meter;
    readonly Counter<long> _fired;
    readonly Counter<long> _skipped;
    readonly Counter<long> _handled;
    readonly Histogram<double> _lateness;

    public ScheduleMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _fired = _meter.CreateCounter<long>("bus.schedules.fired", "{run}", "Runs whose messages this process has sent.");
        _skipped = _meter.CreateCounter<long>(
            "bus.schedules.skipped", "{run}", "Runs that were left out, because an earlier one had not ended.");
        _handled = _meter.CreateCounter<long>(
            "bus.schedules.handled", "{attempt}", "Attempts to handle runs, by their outcome: succeeded or failed.");
        _lateness = _meter.CreateHistogram<double>("bus.schedules.lateness", "s", "How much later than due runs were sent.");
    }

    public void Fired(Occurrence occurrence, DateTimeOffset now, bool isSkipped)
    {
        var schedule = Of(occurrence.Schedule.Name);
        if (isSkipped)
        {
            _skipped.Add(1, schedule);
            return;
        }

        _fired.Add(1, schedule);
        _lateness.Record((now - occurrence.ScheduledAt).TotalSeconds, schedule);
    }

    public void Finished(string? schedule, bool isSuccess) =>
        _handled.Add(1, Of(schedule), KeyValuePair.Create<string, object?>("outcome", isSuccess ? "succeeded" : "failed"));

    public void Dispose() => _meter.Dispose();

    static KeyValuePair<string, object?> Of(string? schedule) => new("schedule", schedule);
}
