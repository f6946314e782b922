namespace Maestro.Bus.Scheduling.Tests;

/// <summary>Code of one process that runs by a cron expression, by a clock that the test moves.</summary>
public sealed class LightCronTests
{
    readonly ManualTimers _clock = new(new DateTimeOffset(2026, 3, 28, 23, 59, 30, TimeSpan.Zero));
    readonly List<string> _runs = [];

    [Fact]
    public void It_runs_at_its_times_from_its_start_until_it_is_stopped_and_again_when_it_is_started_again()
    {
        using var cron = new LightCron("*/10 * * * *", Note, _clock);
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(cron.Next);

        cron.Start();
        cron.Start();
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 0, 20, 0, TimeSpan.Zero), cron.Next);
        _clock.Advance(TimeSpan.FromMinutes(20));
        cron.Stop();
        Assert.Null(cron.Next);
        _clock.Advance(TimeSpan.FromHours(1));
        cron.Start();
        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(["00:20:00", "00:30:00", "01:40:00"], _runs);
    }

    [Fact]
    public void It_reads_its_expression_by_the_clocks_of_its_time_zone_on_the_day_when_they_change()
    {
        using var cron = new LightCron("30 2 * * *", Note, _clock, "Europe/Berlin");

        cron.Start();
        _clock.Advance(TimeSpan.FromHours(48));

        // 02:30 does not exist on the 29th: it runs when the clocks have jumped, at 03:00; on the 30th it is summer time.
        Assert.Equal(["01:00:00", "00:30:00"], _runs);
    }

    [Fact]
    public void A_search_that_finds_no_later_time_is_a_failure_and_not_an_endless_row_of_runs()
    {
        List<Exception> failures = [];
        using var cron = new LightCron(new Standing(_clock.GetUtcNow().AddSeconds(1)), "at a standstill", Note, _clock, failures.Add);

        cron.Start();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Single(_runs);
        Assert.Contains("which is not later", Assert.Single(failures).Message, StringComparison.Ordinal);
        Assert.Null(cron.Next);
    }

    [Fact]
    public void What_is_months_away_is_waited_for()
    {
        using var cron = new LightCron("0 0 1 1 *", Note, _clock);

        cron.Start();
        _clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(["00:00:00"], _runs);
    }

    [Fact]
    public void One_that_is_destroyed_cannot_be_started()
    {
        var cron = new LightCron("* * * * *", Note, _clock);
        cron.Start();

        cron.Destroy();
        cron.Destroy();
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_runs);
        Assert.Throws<ObjectDisposedException>(cron.Start);
    }

    [Fact]
    public void A_run_that_takes_long_lets_the_next_ones_pass_and_is_told_to_end_by_stop()
    {
        var gate = new TaskCompletionSource();
        CancellationToken token = default;
        using var cron = new LightCron("* * * * *", cancellationToken =>
        {
            token = cancellationToken; _runs.Add(
            "begun"); return gate.Task;
        }, _clock);

        cron.Start();
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["begun"], _runs);
        gate.SetResult();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["begun", "begun"], _runs);

        Assert.False(token.IsCancellationRequested);
        cron.Stop();
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public void What_a_run_throws_is_told_and_the_next_one_comes()
    {
        List<string> failures = [];
        using var cron = new LightCron("* * * * *", _ => throw new InvalidOperationException("It is broken."), _clock,
            onFailure: exception => failures.Add(exception.Message));

        cron.Start();
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(["It is broken.", "It is broken."], failures);
    }

    [Theory]
    [InlineData("tomorrow", "UTC", typeof(FormatException))]
    [InlineData("* * * * *", "Europe/Atlantis", typeof(TimeZoneNotFoundException))]
    public void What_cannot_be_read_is_refused(string expression, string zone, Type exception) =>
        Assert.Throws(exception, () => new LightCron(expression, Note, _clock, zone));

    Task Note(CancellationToken cancellationToken)
    {
        _runs.Add(_clock.GetUtcNow().ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }

    sealed class Standing(DateTimeOffset time) : IOccurrences
    {
        public DateTimeOffset? Next(DateTimeOffset after) => time;
    }
}
