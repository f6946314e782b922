using System.Diagnostics;
using Maestro.Bus.Riders;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// Counts the records that come, takes the time from the first to the last, and notices what comes out of its key's order.
/// </summary>
/// <param name="expected">How many come.</param>
public sealed class KeyedArrivals(int expected)
{
    readonly long[] _last = [.. Enumerable.Repeat(-1L, KafkaLoad.Keys)];
    readonly TaskCompletionSource<TimeSpan> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _start;
    int _count;
    int _disorder;

    /// <summary>Completes when all have come.</summary>
    public Task<TimeSpan> All => _all.Task;

    /// <summary>When the first came, as a time stamp of the stopwatch.</summary>
    public long Start => Volatile.Read(ref _start);

    public int Disorder => Volatile.Read(ref _disorder);

    public void Arrived(BenchRecord record, long offset)
    {
        if (Interlocked.Exchange(ref _last[record.Key], offset) >= offset)
            Interlocked.Increment(ref _disorder);

        var count = Interlocked.Increment(ref _count);
        if (count == 1)
            Volatile.Write(ref _start, Stopwatch.GetTimestamp());
        if (count == expected)
            _all.TrySetResult(Stopwatch.GetElapsedTime(Volatile.Read(ref _start)));
    }
}

/// <summary>Has nothing to do but to say that a record has come.</summary>
public sealed class BenchRecordConsumer(KeyedArrivals arrivals) : IConsumer<BenchRecord>
{
    public Task Consume(ConsumeContext<BenchRecord> context)
    {
        arrivals.Arrived(context.Message, context.GetPayload<StreamRecord>().Offset);
        return Task.CompletedTask;
    }
}

/// <summary>Writes a record on. Generic, so that no bus finds it by itself.</summary>
public sealed class BenchRecordRelay<TKey>(KeyedArrivals arrivals, ITopicProducer<BenchRecord> producer) : IConsumer<BenchRecord>
{
    public Task Consume(ConsumeContext<BenchRecord> context)
    {
        arrivals.Arrived(context.Message, context.GetPayload<StreamRecord>().Offset);
        return producer.Produce(context.Message, context.CancellationToken);
    }
}
