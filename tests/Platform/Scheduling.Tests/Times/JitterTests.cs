namespace Maestro.Bus.Scheduling.Tests;

/// <summary>How much later than its time a message is delivered.</summary>
public sealed class JitterTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Messages_are_spread_over_the_whole_time_and_never_beyond()
    {
        var delays = Enumerable.Range(0, 1_000).Select(second => Of(Noon.AddSeconds(second)).Delay.TotalSeconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, 0, 60));
        Assert.All(Enumerable.Range(0, 6), part => Assert.InRange(delays.Count(delay => (int)(delay / 10) == part), 100, 250));
    }

    [Fact]
    public void Whoever_fires_an_occurrence_delays_it_alike() => Assert.Equal(Of(Noon).Delay, Of(Noon).Delay);

    [Fact]
    public void What_is_triggered_comes_at_once() => Assert.Equal(TimeSpan.Zero, Of(Noon, isManual: true).Delay);

    static Occurrence Of(DateTimeOffset time, bool isManual = false) =>
        new(Definitions.Of(new() { Cron = "* * * * * ?", Jitter = TimeSpan.FromMinutes(1) }), time, isManual);
}
