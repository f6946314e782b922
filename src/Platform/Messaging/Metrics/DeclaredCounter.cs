using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging;

/// <summary>
/// A counter whose series exist before anything is counted: each has the value 0 from its declaration, also for a listener that starts
/// later. Otherwise the first failure would be a new series that has not increased.
/// </summary>
public sealed class DeclaredCounter
{
    // Series that were not declared are bounded.
    const int Most = 1_000;
    const string Other = "other";

    readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    readonly string _label;
    readonly string? _outcome;
    readonly string[] _outcomes;

    /// <param name="meter">The meter.</param>
    /// <param name="name">The instrument's name.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="description">What it counts.</param>
    /// <param name="label">The label that its series differ by.</param>
    /// <param name="outcomes">The values of the label <c>outcome</c>; empty for a counter without this label.</param>
    public DeclaredCounter(Meter meter, string name, string unit, string description, string label, params string[] outcomes)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(outcomes);
        (_label, _outcome, _outcomes) = (label, outcomes.Length == 0 ? null : Labels.Outcome, outcomes.Length == 0 ? [""] : outcomes);
        meter.CreateObservableCounter(name, Read, unit, description);
    }

    /// <summary>Has a series be there.</summary>
    /// <param name="value">The label's value.</param>
    public void Declare(string value) => _series.GetOrAdd(value, _ => new Series(_outcomes.Length));

    /// <summary>
    /// Counts one. What was not declared gets a series while there are fewer than 1,000, and is <c>other</c> from then on.
    /// </summary>
    /// <param name="value">The label's value.</param>
    /// <param name="outcome">The number of the outcome, among those that the counter was made with.</param>
    public void Add(string value, int outcome = 0)
    {
        if (!_series.TryGetValue(value, out var series))
            series = _series.GetOrAdd(_series.Count < Most ? value : Other, _ => new Series(_outcomes.Length));

        series.Increment(outcome);
    }

    IEnumerable<Measurement<long>> Read() => _series.SelectMany(entry => _outcomes.Select((outcome, number) => new Measurement<long>(
        entry.Value.Count(number),
        _outcome is null ? [new(_label, entry.Key)] : [new KeyValuePair<string, object?>(_label, entry.Key), new(_outcome, outcome)])));

    sealed class Series(int outcomes)
    {
        readonly long[] _counts = new long[outcomes];

        public long Count(int outcome) => Interlocked.Read(ref _counts[outcome]);

        public void Increment(int outcome) => Interlocked.Increment(ref _counts[outcome]);
    }
}
