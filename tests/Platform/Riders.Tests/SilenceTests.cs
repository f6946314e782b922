using System.Text;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>A member that gets nothing although there is something to read.</summary>
public sealed class SilenceTests(ScriptedBroker broker) : RiderScenario<ScriptedBroker>(broker)
{
    static readonly StreamPartition Partition = new("orders", 0);
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly ManualTimers _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    readonly LogLines _log = new();
    int _reads;
    int _empty;
    bool _hasRecord;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_once_a_minute_while_it_lasts(bool isTransactional)
    {
        await StartReader(isTransactional);
        await ReadOn();
        _time.Advance(Minute);
        await ReadOn();
        Assert.Empty(_log.Of(LogLevel.Warning));

        Broker.Plugin.Unread = 7;
        _time.Advance(Minute);
        await ReadOn();
        _time.Advance(Minute / 2);
        await ReadOn();
        Assert.Equal(
            $"The group {Group} has got nothing of orders for a minute, although 7 records are to be read in the 1 partitions that this "
            + "process has. If it does not go on, restart this process",
            Assert.Single(_log.Of(LogLevel.Warning)));

        Volatile.Write(ref _hasRecord, true);
        await ReadOn();
        Volatile.Write(ref _hasRecord, false);
        await AskOn();
        // Less than a minute has gone by since then.
        _time.Advance(Minute / 2);
        await ReadOn();
        Assert.Single(_log.Of(LogLevel.Warning));
        _time.Advance(Minute / 2);
        await ReadOn();
        Assert.Equal(2, _log.Of(LogLevel.Warning).Count);
    }

    [Fact]
    public async Task It_is_not_told_while_the_endpoint_has_no_room()
    {
        var gate = new Gate();
        Volatile.Write(ref _hasRecord, true);
        await StartReader(isTransactional: false, gate);
        await gate.Holds(1);
        Broker.Plugin.Unread = 7;

        for (var minute = 0; minute < 3; minute++)
        {
            _time.Advance(Minute);
            await ReadOn();
        }

        Assert.Empty(_log.Of(LogLevel.Warning));
        Volatile.Write(ref _hasRecord, false);
        gate.Open();
    }

    async Task ReadOn()
    {
        var before = Volatile.Read(ref _reads);
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref _reads) > before + 2), Limit, "another turn", Cancel);
    }

    // It asks for records only once it has worked on those that it has.
    async Task AskOn()
    {
        var before = Volatile.Read(ref _empty);
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref _empty) > before + 2), Limit, "another turn", Cancel);
    }

    Task StartReader(bool isTransactional, Gate? gate = null)
    {
        var offset = 0L;
        Broker.Plugin = new ScriptedPlugin((partitions, max) =>
        {
            if (Interlocked.Increment(ref _reads) == 1)
                partitions.Assigned([Partition]);
            if (max > 0 && Volatile.Read(ref _hasRecord))
                return [Record(offset++)];
            if (max > 0)
                Interlocked.Increment(ref _empty);
            return [];
        });
        return Start(
            rider => rider.AddConsumer<RiderProbe<Measured>>(),
            (context, factory) => factory.TopicEndpoint<Measured>("orders", Group, (_, endpoint) =>
            {
                endpoint.PrefetchCount = 1;
                endpoint.ConcurrentMessageLimit = 1;
                endpoint.Transactional = isTransactional;
                endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
            }),
            services => services
                .AddSingleton(new RiderHandler<Measured>(_ => gate?.Pass() ?? Task.CompletedTask))
                .AddSingleton<TimeProvider>(_time)
                .AddLogging(logging => logging.AddProvider(_log)));
    }

    static StreamRecord Record(long offset) => new(
        Partition, offset, Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes(Json("place", 1)), new RecordHeaders(0),
        DateTimeOffset.UnixEpoch);
}
