using System.Diagnostics.Metrics;

namespace Maestro.Bus.Riders;

/// <summary>What a rider tells about itself, under the meter <c>Bus.Riders</c>.</summary>
sealed class RiderMetrics
{
    public const string MeterName = "Bus.Riders";

    readonly Counter<long> _published;
    readonly Counter<long> _consumed;
    readonly Counter<long> _retried;
    readonly Counter<long> _deadLettered;
    readonly UpDownCounter<long> _partitions;
    readonly KeyValuePair<string, object?> _rider;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="rider">The rider's name.</param>
    /// <param name="lags">How many records of each partition that this process works on are not finished.</param>
    public RiderMetrics(IMeterFactory? meters, string rider, Func<IEnumerable<(StreamPartition Partition, string Group, long Count)>> lags)
    {
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _rider = new("rider", rider);
        _published = meter.CreateCounter<long>("bus.riders.published", "{record}", "Records written");
        _consumed = meter.CreateCounter<long>(
            "bus.riders.consumed", "{record}", "Records that consumers have handled, or that were put aside");
        _retried = meter.CreateCounter<long>("bus.riders.retried", "{record}", "Records put aside to be tried again");
        _deadLettered = meter.CreateCounter<long>("bus.riders.dead_letters", "{record}", "Records put into the dead letters");
        _partitions = meter.CreateUpDownCounter<long>("bus.riders.partitions", "{partition}", "Partitions that this process works on");
        meter.CreateObservableGauge(
            "bus.riders.lag", () => lags().Select(lag => new Measurement<long>(
                lag.Count, _rider, new("group", lag.Group), new("topic", lag.Partition.Topic), new("partition", lag.Partition.Number))),
            "{record}", "Records of the partitions that this process works on that are not finished");
    }

    public void Published(string topic)
    {
        if (_published.Enabled)
            _published.Add(1, _rider, new("topic", topic));
    }

    public void Consumed(string topic)
    {
        if (_consumed.Enabled)
            _consumed.Add(1, _rider, new("topic", topic));
    }

    public void Retried(string topic) => _retried.Add(1, _rider, new("topic", topic));

    public void DeadLettered(string topic, bool isUnreadable) =>
        _deadLettered.Add(1, _rider, new("topic", topic), new("reason", isUnreadable ? "unreadable" : "failed"));

    public void Assigned(string group, int count) => _partitions.Add(count, _rider, new("group", group));
}
