using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Maestro.Bus.Jobs.Tests;

/// <summary>What a host's meter for jobs has counted.</summary>
sealed class Meter : IDisposable
{
    readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    readonly MeterListener _listener;

    public Meter(JobsHost host)
    {
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Each host of this process has a meter of the same name.
                if (instrument.Meter.Name == JobMetrics.MeterName && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, measurement, tags, _) => Note(instrument, measurement, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, 1, tags));
        _listener.Start();
    }

    /// <summary>A figure of an instrument, of one kind of job.</summary>
    public long Of(string instrument, string type)
    {
        _listener.RecordObservableInstruments();
        return _counts.GetValueOrDefault($"{instrument} {type}");
    }

    public void Dispose() => _listener.Dispose();

    void Note(Instrument instrument, long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "type")
                _counts.AddOrUpdate($"{instrument.Name} {tag.Value}", measurement,
                    (_, known) => instrument.IsObservable ? measurement : known + measurement);
        }
    }
}
