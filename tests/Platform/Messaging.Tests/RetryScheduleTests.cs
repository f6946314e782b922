namespace Maestro.Bus.Messaging.Tests;

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

    // Queue, seconds before the first retry, attempts, and the delays of a random source that is seeded with 42.
    [Theory]
    [InlineData("ingress-events", 2, 5, new[] { 2.16811, 3.28181, 6.50207, 16.18211 })]
    [InlineData("orchestration-flows", 5, 3, new[] { 5.42027, 8.20454 })]
    [InlineData("integration-tasks", 10, 7, new[] { 10.84053, 16.40907, 32.51037, 80.91057, 133.47474, 264.3889 })]
    [InlineData("notifications", 30, 5, new[] { 32.5216, 49.22722, 97.5311, 242.73171 })]
    [InlineData("analytics-events", 60, 3, new[] { 65.04319, 98.45444 })]
    [InlineData("any other queue", 5, 5, new[] { 5.42027, 8.20454, 16.25518, 40.45529 })]
    public void A_seeded_schedule_gives_the_golden_delays_of_the_table(string queue, int first, int attempts, double[] expected)
    {
        var schedule = new RetrySchedule(
            new QueuePolicy { FirstRetryDelay = TimeSpan.FromSeconds(first), Attempts = attempts }, new Random(42));

        var delays = Enumerable.Range(1, attempts - 1).Select(retry => Math.Round(schedule.DelayBefore(retry).TotalSeconds, 5));
        Assert.Equal($"{queue}: {string.Join(' ', expected)}", $"{queue}: {string.Join(' ', delays)}");
    }

    [Theory]
    [InlineData(RetryStrategy.Fixed, new[] { 5.42027, 4.10227, 4.0638, 5.05691, 4.17109, 4.40648 })]
    [InlineData(RetryStrategy.Fibonacci, new[] { 5.42027, 4.10227, 8.12759, 15.17073, 20.85543, 35.25185 })]
    public void A_seeded_schedule_gives_the_golden_delays_of_the_other_strategies(RetryStrategy strategy, double[] expected)
    {
        var schedule = new RetrySchedule(new QueuePolicy { RetryStrategy = strategy }, new Random(42));

        Assert.Equal(
            expected, Enumerable.Range(1, expected.Length).Select(retry => Math.Round(schedule.DelayBefore(retry).TotalSeconds, 5)));
    }

    [Fact]
    public void The_default_is_five_attempts_after_five_seconds_doubled_up_to_300_give_or_take_a_quarter()
    {
        var policy = new QueuePolicy();

        Assert.Equal(
            (5, 5.0, RetryStrategy.Exponential, 2.0, 300.0, 0.25),
            (policy.Attempts, policy.FirstRetryDelay.TotalSeconds, policy.RetryStrategy, policy.RetryMultiplier,
                policy.MaxRetryDelay.TotalSeconds, policy.RetryJitter));
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
