namespace MaestroBus.Messaging.Tests;

public sealed class RetryScheduleTests
{
    public static TheoryData<int, int, double[]> Exponential => new()
    {
        // first delay in seconds, attempts, base delays in seconds: the table of the five domains
        { 2, 5, [2, 4, 8, 16] },
        { 5, 3, [5, 10] },
        { 10, 7, [10, 20, 40, 80, 160, 300] },
        { 30, 5, [30, 60, 120, 240] },
        { 60, 3, [60, 120] },
    };

    [Theory]
    [MemberData(nameof(Exponential))]
    public void Delays_grow_by_the_table_when_there_is_no_jitter(int first, int attempts, double[] expected)
    {
        var policy = new QueuePolicy { FirstRetryDelay = TimeSpan.FromSeconds(first), Attempts = attempts, RetryJitter = 0 };

        Assert.Equal(expected, Delays(policy, attempts - 1));
    }

    [Theory]
    [InlineData(RetryStrategy.Fixed, new double[] { 5, 5, 5, 5, 5, 5 })]
    [InlineData(RetryStrategy.Fibonacci, new double[] { 5, 5, 10, 15, 25, 40 })]
    public void Other_strategies_grow_as_they_are_named(RetryStrategy strategy, double[] expected) =>
        Assert.Equal(expected, Delays(new QueuePolicy { RetryStrategy = strategy, RetryJitter = 0 }, expected.Length));

    [Fact]
    public void Jitter_keeps_a_delay_within_a_quarter_either_way_and_below_the_longest()
    {
        var schedule = new RetrySchedule(new QueuePolicy { FirstRetryDelay = TimeSpan.FromSeconds(10) }, new Random(1));

        for (var i = 0; i < 10_000; i++)
        {
            Assert.InRange(schedule.DelayBefore(1).TotalSeconds, 7.5, 12.5);
            Assert.InRange(schedule.DelayBefore(6).TotalSeconds, 225, 300);
            Assert.InRange(schedule.DelayBefore(60).TotalSeconds, 225, 300);
        }
    }

    [Fact]
    public void A_seeded_schedule_gives_the_golden_delays()
    {
        var schedule = new RetrySchedule(new QueuePolicy { FirstRetryDelay = TimeSpan.FromSeconds(2) }, new Random(42));

        Assert.Equal(
            [2.16811, 3.28181, 6.50207, 16.18211],
            Enumerable.Range(1, 4).Select(retry => Math.Round(schedule.DelayBefore(retry).TotalSeconds, 5)));
    }

    [Fact]
    public void A_retry_before_the_first_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule(new QueuePolicy(), new Random(1)).DelayBefore(0));

    static double[] Delays(QueuePolicy policy, int retries)
    {
        var schedule = new RetrySchedule(policy, new Random(1));
        return [.. Enumerable.Range(1, retries).Select(retry => schedule.DelayBefore(retry).TotalSeconds)];
    }
}
