using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>Reads on while records are worked on, up to a window of them.</summary>
sealed class FlowingPump : RecordPump, IDisposable
{
    static readonly TimeSpan LongestSilence = TimeSpan.FromMilliseconds(500);

    // A timer takes 49 days at most.
    static readonly TimeSpan LongestDelay = TimeSpan.FromDays(40);

    readonly Action<IReadOnlyList<StreamRecord>> _post;
    readonly DelayedRecords _delayed;
    readonly ManualResetEventSlim _room = new();
    readonly int _window;
    readonly bool _isOrdered;
    readonly TimeProvider _time;
    int _inHand;
    int _isWaiting;

    /// <param name="context">The endpoint.</param>
    /// <param name="subscription">What to read.</param>
    /// <param name="window">How many records it has in hand at most.</param>
    /// <param name="isOrdered">Whether records are worked on in their order, and not when they are due.</param>
    /// <param name="post">Takes records to be worked on. Afterwards <see cref="Release"/> must be called for each, once.</param>
    /// <param name="time">The clock.</param>
    public FlowingPump(StreamEndpointContext context, StreamSubscription subscription, int window, bool isOrdered,
        Action<IReadOnlyList<StreamRecord>> post, TimeProvider time)
        : base(context, subscription)
    {
        _window = window;
        _isOrdered = isOrdered;
        _post = post;
        _time = time;
        _delayed = new DelayedRecords(record => _post([record]), time);
    }

    public override bool IsOrdered => _isOrdered;

    /// <summary>Makes room for another record.</summary>
    public void Release(int count = 1)
    {
        // Half of the window at once, so that the client is asked for many records and not for one each time.
        if (Interlocked.Add(ref _inHand, -count) <= _window / 2 && Volatile.Read(ref _isWaiting) == 1)
            _room.Set();
    }

    public void Dispose()
    {
        _delayed.Dispose();
        _room.Dispose();
    }

    protected override void Turn(IStreamConsumer consumer)
    {
        var room = WaitForRoom();
        var records = Mine(consumer.Receive(Math.Min(room, Subscription.PollLimit), Wait));
        Hear(consumer, isOwed: room > 0 && records.Count == 0);
        Interlocked.Add(ref _inHand, records.Count);
        foreach (var record in records)
        {
            record.Pump = this;
            record.Stay!.Add(record);
        }

        if (_isOrdered)
            _post(records);
        else
        {
            foreach (var record in records)
                PostWhenDue(record);
        }
    }

    protected override void HandedOver() => Release(_delayed.RemoveHandedOver());

    /// <summary>
    /// For how long a record is to wait: whoever may write to the topic can say what he likes, and is not believed more than the longest
    /// delay. Of a clock that was ahead when the record was delayed, and is put right, its delay counts.
    /// </summary>
    internal static TimeSpan? Delay(StreamRecord record, DateTimeOffset now, TimeSpan longest)
    {
        if (Time(record, StreamHeaders.Due) is not { } due)
            return null;

        var delay = due - (Time(record, StreamHeaders.Delayed) is { } delayed && delayed - now > ClockDrift.Largest ? delayed : now);
        return delay < longest ? delay : longest;
    }

    static DateTimeOffset? Time(StreamRecord record, string header) => DateTimeOffset.TryParse(
        record.Headers.Get(header), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    void PostWhenDue(StreamRecord record)
    {
        if (Delay(record, _time.GetUtcNow(), LongestDelay) is { } delay)
            _delayed.Add(record, delay);
        else
            _post([record]);
    }

    int WaitForRoom()
    {
        if (_window - Volatile.Read(ref _inHand) is var room && room > 0)
            return room;

        _room.Reset();
        Interlocked.Exchange(ref _isWaiting, 1);
        if (_window / 2 < Volatile.Read(ref _inHand))
            _room.Wait(LongestSilence);
        Interlocked.Exchange(ref _isWaiting, 0);

        return Math.Max(0, _window - Volatile.Read(ref _inHand));
    }
}
