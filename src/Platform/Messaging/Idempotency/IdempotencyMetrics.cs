using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>How often messages that say the same were handled once, under the meter <c>Bus.Idempotency</c>.</summary>
sealed class IdempotencyMetrics : IDisposable
{
    public const string MeterName = "Bus.Idempotency";

    readonly Meter _meter;
    readonly Counter<long> _messages;
    long _ran;
    long _replayed;

    public IdempotencyMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _messages = _meter.CreateCounter<long>("bus.idempotency.messages", "{message}",
            "Messages of idempotent consumers, by what was done: handled, replayed, or postponed until the first is done.");
        _meter.CreateObservableGauge(
            "bus.idempotency.hit_rate", HitRate, "1", "The part of these messages that were repetitions, since the process began.");
    }

    public void Ran()
    {
        Interlocked.Increment(ref _ran);
        Count("handled");
    }

    public void Replayed()
    {
        Interlocked.Increment(ref _replayed);
        Count("replayed");
    }

    public void Waited() => Count("postponed");

    public void Dispose() => _meter.Dispose();

    IEnumerable<Measurement<double>> HitRate()
    {
        var (ran, replayed) = (Interlocked.Read(ref _ran), Interlocked.Read(ref _replayed));
        return ran + replayed == 0 ? [] : [new((double)replayed / (ran + replayed))];
    }

    void Count(string outcome) => _messages.Add(1, KeyValuePair.Create<string, object?>("outcome", outcome));
}
