using System.Diagnostics.Metrics;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// What the outbox of this process has sent, by its own counter: to ask the database for it would take from what is measured.
/// </summary>
sealed class SentMessages : IDisposable
{
    readonly MeterListener _listener = new();
    long _count;

    public SentMessages()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "bus.outbox.sent")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, sent, _, _) => Interlocked.Add(ref _count, sent));
        _listener.Start();
    }

    /// <summary>Waits until so many have been sent in all.</summary>
    public async Task Until(long count, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Interlocked.Read(ref _count) < count)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    public void Dispose() => _listener.Dispose();
}
