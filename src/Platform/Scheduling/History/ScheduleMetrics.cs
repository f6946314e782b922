using System.Diagnostics.Metrics;

namespace Maestro.Bus.Scheduling;

/// <summary>What the scheduler tells about itself, under the meter <c>Bus.Schedules</c>.</summary>
sealed class ScheduleMetrics : IDisposable
{
    public const string MeterName = "Bus.Schedules";

    const string Schedule = "schedule";

    readonly Meter _meter;
    readonly DeclaredCounter _fired;
    readonly DeclaredCounter _skipped;
    readonly DeclaredCounter _handled;
    readonly Histogram<double> _lateness;

    public ScheduleMetrics(IMeterFactory meters, ScheduleCatalog? catalog = null)
    {
        _meter = meters.Create(MeterName);
        _fired = new DeclaredCounter(_meter, "bus.schedules.fired", "{run}", "Runs whose messages this process has sent.", Schedule);
        _skipped = new DeclaredCounter(
            _meter, "bus.schedules.skipped", "{run}", "Runs that were left out, because an earlier one had not ended.", Schedule);
        _handled = new DeclaredCounter(
            _meter, "bus.schedules.handled", "{attempt}", "Attempts to handle runs, by their outcome: succeeded or failed.", Schedule,
            "succeeded", "failed");
        foreach (var name in catalog?.Declarations.Select(declaration => declaration.Name) ?? [])
        {
            _fired.Declare(name);
            _skipped.Declare(name);
            _handled.Declare(name);
        }

        _lateness = _meter.CreateHistogram<double>("bus.schedules.lateness", "s", "How much later than due runs were sent.");
    }

    public void Fired(Occurrence occurrence, DateTimeOffset now, bool isSkipped)
    {
        var schedule = occurrence.Schedule.Name;
        if (isSkipped)
        {
            _skipped.Add(schedule);
            return;
        }

        _fired.Add(schedule);
        _lateness.Record((now - occurrence.ScheduledAt).TotalSeconds, KeyValuePair.Create<string, object?>(Schedule, schedule));
    }

    public void Finished(string? schedule, bool isSuccess) =>
        _handled.Add(schedule ?? "", isSuccess ? 0 : 1);

    public void Dispose() => _meter.Dispose();
}
