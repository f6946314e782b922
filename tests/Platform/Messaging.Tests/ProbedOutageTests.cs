namespace Maestro.Bus.Messaging.Tests;

public sealed class ProbedOutageTests
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly LogLines _log = new();
    readonly ManualTimers _clock = new(DateTimeOffset.UnixEpoch);
    int _probes;
    bool _isBack;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_asked_for_until_it_is_back_with_a_line_at_the_beginning_and_one_at_the_end()
    {
        using var outage = Create();

        outage.Away("refused");
        outage.Away("refused");
        await Advance(() => Volatile.Read(ref _probes) >= 3);
        Volatile.Write(ref _isBack, true);
        await Advance(() => outage.Reason is null);

        Assert.Equal([90, 92], Lines());

        outage.Away("refused again");
        Assert.Equal("refused again", outage.Reason);
        await Advance(() => outage.Reason is null);
        await Advance(() => Lines().Count() == 4);
        Assert.Equal([90, 92, 90, 92], Lines());
    }

    [Fact]
    public void What_comes_and_goes_has_one_beginning_and_one_end_after_the_first()
    {
        using var outage = new OutageLog("It", _clock, _log);

        for (var time = 0; time < 20; time++)
        {
            outage.Away("full");
            _clock.Advance(TimeSpan.FromSeconds(2));
            outage.Back();
            Assert.Null(outage.Reason);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal([90, 92, 90], Lines());
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([90, 92, 90, 92], Lines());
        Assert.EndsWith("is back after 00:01:14", _log.Entries[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_reaches_it_ends_the_outage()
    {
        using var outage = Create();

        outage.Away("refused");
        outage.Back();
        Assert.Equal([90, 92], Lines());
        outage.Away("refused");

        await Advance(() => outage.Reason == "still away");
        Assert.Equal([90, 92, 90], Lines().Take(3));
    }

    ProbedOutage Create() => new(
        new OutageLog("It", _clock, _log),
        _ =>
        {
            Interlocked.Increment(ref _probes);
            return Volatile.Read(ref _isBack) ? Task.CompletedTask : throw new IOException("Still away.");
        },
        exception => "still away", Interval, Limit, _clock);

    // However far the clock is moved while a probe is on its way, there is a line a minute, which is not what these tests are about.
    IEnumerable<int> Lines() => _log.Entries.Select(entry => entry.Id).Where(id => id != 91);

    // What a timer has begun goes on by itself.
    Task Advance(Func<bool> reached) => Eventually.True(
        () =>
        {
            _clock.Advance(Interval);
            return Task.FromResult(reached());
        },
        Limit, "the probes", Cancel);
}
