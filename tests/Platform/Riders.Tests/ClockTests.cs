using System.Globalization;
using System.Text;

namespace Maestro.Bus.Riders.Tests;

/// <summary>Records that wait for their next attempt, by a clock that is wrong for a while.</summary>
public sealed class ClockTests(ScriptedBroker broker) : RiderScenario<ScriptedBroker>(broker)
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);
    static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    readonly ManualTimers _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _reads;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_delayed_while_the_clock_was_ahead_waits_no_longer_when_it_is_put_right(bool isTransactional)
    {
        await StartReader(isTransactional, delayed: _time.GetUtcNow() + Wrong);
        await ReadOn();
        _time.Advance(Delay - TimeSpan.FromSeconds(1));
        await ReadOn();
        Assert.False(_handled.Task.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(2));
        await _handled.Task.WaitAsync(Limit, Cancel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_is_wrong_while_a_record_waits_changes_nothing(bool isTransactional)
    {
        _time.Jump(Wrong);
        await StartReader(isTransactional, delayed: _time.GetUtcNow());
        await ReadOn();
        _time.Jump(-Wrong);
        _time.Advance(Delay / 2);
        await ReadOn();
        _time.Jump(Wrong);
        await ReadOn();
        Assert.False(_handled.Task.IsCompleted);

        _time.Jump(-Wrong);
        _time.Advance(Delay);
        await _handled.Task.WaitAsync(Limit, Cancel);
    }

    async Task ReadOn()
    {
        var before = Volatile.Read(ref _reads);
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref _reads) > before + 2), Limit, "another turn", Cancel);
    }

    Task StartReader(bool isTransactional, DateTimeOffset delayed)
    {
        var partition = new StreamPartition(TopicNames.Retry("orders", Group, 1), 0);
        var hasRecord = true;
        Broker.Plugin = new ScriptedPlugin((partitions, max) =>
        {
            if (Interlocked.Increment(ref _reads) == 1)
                partitions.Assigned([partition]);
            if (max == 0 || !hasRecord)
                return [];

            hasRecord = false;
            return [Record(partition, delayed)];
        })
        {
            Reads = subscription => subscription.Topics.Contains(partition.Topic),
        };
        return Start(
            rider => rider.AddConsumer<RiderProbe<Measured>>(),
            (context, factory) => factory.TopicEndpoint<Measured>("orders", Group, (_, endpoint) =>
            {
                endpoint.Transactional = isTransactional;
                endpoint.UseRetryTopics(new QueuePolicy { Attempts = 2 });
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            services => services
                .AddSingleton(new RiderHandler<Measured>(_ =>
                {
                    _handled.TrySetResult();
                    return Task.CompletedTask;
                }))
                .AddSingleton<TimeProvider>(_time));
    }

    static StreamRecord Record(StreamPartition partition, DateTimeOffset delayed)
    {
        var headers = new RecordHeaders(2);
        headers.Set(StreamHeaders.Delayed, delayed.ToString("O", CultureInfo.InvariantCulture));
        headers.Set(StreamHeaders.Due, (delayed + Delay).ToString("O", CultureInfo.InvariantCulture));
        return new StreamRecord(
            partition, 0, Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes(Json("place", 1)), headers, DateTimeOffset.UnixEpoch);
    }
}
