using System.Diagnostics.Metrics;

namespace Maestro.Bus.Compliance;

/// <summary>The delays that one host's bus gives failed messages, by queue, as its metrics tell them.</summary>
sealed class RetryDelays : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, List<double>> _seconds = [];
    readonly MeterListener _listener = new();

    public RetryDelays(IHost host)
    {
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "bus.retry.delay" && instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var (name, queue) in tags)
            {
                if (name == "queue")
                    Add($"{queue}", seconds);
            }
        });
        _listener.Start();
    }

    public IReadOnlyList<double> Of(string queue)
    {
        lock (_lock)
            return [.. _seconds.GetValueOrDefault(queue, [])];
    }

    public void Dispose() => _listener.Dispose();

    void Add(string queue, double seconds)
    {
        lock (_lock)
        {
            if (!_seconds.TryGetValue(queue, out var delays))
                _seconds[queue] = delays = [];
            delays.Add(seconds);
        }
    }
}
