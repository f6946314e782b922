namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What runs when a schedule is looked at late.</summary>
public sealed class DueTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Threshold = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(MisfirePolicy.FireOnce)]
    [InlineData(MisfirePolicy.Skip)]
    [InlineData(MisfirePolicy.FireAll)]
    public void What_is_a_little_late_runs_whatever_the_policy(MisfirePolicy policy) =>
        Assert.Equal(
            [Noon.AddSeconds(-50), Noon.AddSeconds(-40), Noon.AddSeconds(-30)], Times(policy, Noon.AddSeconds(-55), Noon.AddSeconds(-25)));

    [Fact]
    public void One_run_makes_up_for_all_that_were_missed() =>
        Assert.Equal([Noon], Times(MisfirePolicy.FireOnce, Noon.AddHours(-5), Noon.AddSeconds(5)));

    [Fact]
    public void Missed_runs_are_skipped_but_not_those_that_are_in_time() =>
        Assert.Equal(
            [Noon.AddSeconds(-50), Noon.AddSeconds(-40), Noon.AddSeconds(-30), Noon.AddSeconds(-20), Noon.AddSeconds(-10), Noon],
            Times(MisfirePolicy.Skip, Noon.AddHours(-5), Noon.AddSeconds(5)));

    [Fact]
    public void All_missed_runs_run_some_at_a_time()
    {
        var (first, doneUntil) = Due.Of(Definition(MisfirePolicy.FireAll), Noon.AddHours(-1), Noon.AddSeconds(5), Threshold);
        var (second, end) = Due.Of(Definition(MisfirePolicy.FireAll), doneUntil, Noon.AddSeconds(5), Threshold);

        Assert.Equal(Due.Most, first.Count);
        Assert.Equal(360, first.Concat(second).Distinct().Count());
        Assert.Equal(Noon.AddSeconds(5), end);
    }

    [Fact]
    public void Nothing_is_due_between_two_times() => Assert.Empty(Times(MisfirePolicy.FireOnce, Noon.AddSeconds(-9), Noon.AddSeconds(-1)));

    static IReadOnlyList<DateTimeOffset> Times(MisfirePolicy policy, DateTimeOffset doneUntil, DateTimeOffset until) =>
        Due.Of(Definition(policy), doneUntil, until, Threshold).Occurrences;

    static ScheduleDefinition Definition(MisfirePolicy policy) => Definitions.Of(new() { Cron = "*/10 * * * * ?", Misfire = policy });
}
