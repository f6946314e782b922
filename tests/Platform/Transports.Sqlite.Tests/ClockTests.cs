namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>A clock that is wrong for a while: what it has a file do, and what comes of it when it is put right.</summary>
public sealed class ClockTests : IDisposable
{
    const string Queue = "inbox";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);
    static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(15);

    readonly TestFile _file = new();
    readonly Stopwatches _clock = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task What_is_in_work_keeps_its_lock_when_the_clock_jumps_ahead()
    {
        using var broker = await Open();
        var receiver = await Receive(broker);
        await broker.Send(Queue, Message(1), null, Cancel);
        var message = await Take(broker, receiver);

        _clock.Now += Wrong;
        for (var second = 0; second < Moment.TotalSeconds; second++)
            await Pass(broker, TimeSpan.FromSeconds(1));

        Assert.True(broker.Complete(receiver, message.LockId!.Value, message.MessageDeliveryId));
        await Pass(broker, Moment);
        Assert.Empty(broker.Take(receiver, 10));
    }

    [Fact]
    public async Task A_lock_that_ends_after_a_clock_that_was_ahead_is_put_right_is_released()
    {
        using var broker = await Open();
        _clock.Now += Wrong;
        await Pass(broker, Moment);
        var receiver = await Receive(broker);
        await broker.Send(Queue, Message(1), null, Cancel);
        await Take(broker, receiver);
        _clock.Now -= Wrong;

        await Pass(broker, LockDuration * 2);

        Assert.Equal(1, Number(await TakeLater(broker, receiver)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_delayed_while_the_clock_was_ahead_waits_no_longer_when_it_is_put_right(bool isOpenedAnew)
    {
        var right = _clock.Now;
        var broker = await Open();
        try
        {
            _clock.Now += Wrong;
            var receiver = await Receive(broker);
            await broker.Send(Queue, Message(1), null, Cancel);
            var failed = await Take(broker, receiver);
            await broker.Unlock(receiver, failed.LockId!.Value, failed.MessageDeliveryId, Moment, null, isRefused: false);
            await broker.Send(Queue, Message(2), Moment, Cancel);
            await broker.Send(Queue, Message(3), TimeSpan.FromDays(1), Cancel);

            _clock.Now = right;
            if (isOpenedAnew)
            {
                broker.Dispose();
                broker = await Open();
                receiver = await Receive(broker);
            }

            await Pass(broker, Moment / 2);
            Assert.Empty(broker.Take(receiver, 10));
            var come = new[] { Number(await TakeLater(broker, receiver)), Number(await TakeLater(broker, receiver)) };
            Assert.Equal([1, 2], come.Order());
            Assert.True(_clock.Now < right.AddDays(1));

            await Pass(broker, TimeSpan.FromDays(1));
            Assert.Equal(3, Number(await TakeLater(broker, receiver)));
        }
        finally
        {
            broker.Dispose();
        }
    }

    [Fact]
    public async Task A_message_that_was_scheduled_while_the_clock_was_ahead_can_be_cancelled_when_it_is_put_right()
    {
        using var broker = await Open();
        var token = NewId.NextGuid();
        _clock.Now += Wrong;
        await broker.Send(Queue, Message(1, token), TimeSpan.FromHours(1), Cancel);
        _clock.Now -= Wrong;
        await Pass(broker, Moment);

        Assert.True(await broker.DeleteScheduled(token));
        Assert.False(await broker.DeleteScheduled(token));
    }

    [Fact]
    public async Task What_was_delayed_before_the_clock_was_behind_for_a_while_comes_at_its_time()
    {
        using var broker = await Open();
        var receiver = await Receive(broker);
        await broker.Send(Queue, Message(1), TimeSpan.FromHours(1), Cancel);
        await Pass(broker, Moment);
        _clock.Now -= Wrong;
        await Pass(broker, Moment);
        _clock.Now += Wrong;

        await Pass(broker, TimeSpan.FromMinutes(55));
        Assert.Empty(broker.Take(receiver, 10));
        await Pass(broker, TimeSpan.FromMinutes(5));
        Assert.Equal(1, Number(await TakeLater(broker, receiver)));
    }

    [Fact]
    public async Task Queues_that_are_deleted_when_nobody_uses_them_are_not_while_the_clock_may_be_wrong()
    {
        using var broker = await Open(TimeSpan.FromHours(1));
        _clock.Now += Wrong;
        foreach (var _ in Enumerable.Range(0, 4))
            await Pass(broker, Moment);
        await broker.DeclareQueue("temporary", (int)TimeSpan.FromHours(1).TotalSeconds, null);
        _clock.Now -= Wrong;
        foreach (var _ in Enumerable.Range(0, 4))
            await Pass(broker, Moment);
        Assert.Equal(2, (await broker.Counters()).Count);

        // Both are over their time then, the one that was made meanwhile, too.
        foreach (var _ in Enumerable.Range(0, 8))
            await Pass(broker, TimeSpan.FromMinutes(20));
        Assert.Empty(await broker.Counters());
    }

    async Task<SqliteBroker> Open(TimeSpan? idle = null)
    {
        var broker = _file.Open(new SqliteSettings(), _clock);
        await broker.DeclareQueue(Queue, (int?)idle?.TotalSeconds, null);
        return broker;
    }

    static Task<Receiver> Receive(SqliteBroker broker) =>
        broker.Receive(Queue, new ReceiveLimits(10, 10), SqlReceiveMode.Normal, 1, LockDuration);

    // What is due is done at the end of a transaction.
    async Task Pass(SqliteBroker broker, TimeSpan time)
    {
        _clock.Advance(time);
        await broker.Counters();
    }

    static async Task<Message> Take(SqliteBroker broker, Receiver receiver) => await Eventually.Some(
        () => Task.FromResult(broker.Take(receiver, 1).FirstOrDefault()), Limit, "a message", Cancel);

    Task<Message> TakeLater(SqliteBroker broker, Receiver receiver) => Eventually.Some(
        async () =>
        {
            await Pass(broker, TimeSpan.FromSeconds(1));
            return broker.Take(receiver, 1).FirstOrDefault();
        },
        Limit, "a message", Cancel);

    static int Number(Message message) => BitConverter.ToInt32(message.BinaryBody!);

    static Message Message(int number, Guid? token = null) => new()
    {
        TransportMessageId = NewId.NextGuid(),
        SchedulingTokenId = token,
        Priority = 100,
        BinaryBody = BitConverter.GetBytes(number),
    };
}
