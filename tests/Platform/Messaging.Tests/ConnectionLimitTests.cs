namespace Maestro.Bus.Messaging.Tests;

public sealed class ConnectionLimitTests
{
    readonly MovableTicks _time = new();
    int? _files = 101;
    int? _limit = 200;

    [Fact]
    public void Callers_have_half_of_the_files_that_nothing_else_uses()
    {
        var limit = New(10_000);

        Assert.Equal(50, Enter(limit, 60));
    }

    [Fact]
    public void The_connections_themselves_do_not_lower_the_bound()
    {
        var limit = New(10_000);
        Enter(limit, 50);
        _files += 50;
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(50, limit.Allowed);
    }

    [Fact]
    public void Files_that_something_else_opens_lower_the_bound_within_a_second()
    {
        var limit = New(10_000);
        Assert.Equal(50, limit.Allowed);

        _files += 40;
        Assert.Equal(50, limit.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(30, limit.Allowed);
    }

    [Fact]
    public void The_setting_lowers_the_bound_and_never_raises_it()
    {
        Assert.Equal(7, New(7).Allowed);
        Assert.Equal(50, New(1_000).Allowed);
    }

    [Fact]
    public void A_connection_that_has_ended_makes_room_for_another()
    {
        var limit = New(1);
        Assert.Equal(1, Enter(limit, 2));

        limit.Leave();

        Assert.Equal(1, Enter(limit, 2));
    }

    [Fact]
    public void One_connection_is_possible_without_a_free_file()
    {
        _files = 260;

        Assert.Equal(1, New(10_000).Allowed);
    }

    [Fact]
    public void Without_a_limit_of_files_the_setting_counts_alone()
    {
        _limit = null;

        Assert.Equal(10_000, New(10_000).Allowed);
    }

    [Fact]
    public void The_files_of_this_process_are_counted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files of a process are known on Linux only.");
        var before = OpenFiles.Count();
        var files = Enumerable.Range(0, 100).Select(_ => File.OpenRead(typeof(ConnectionLimitTests).Assembly.Location)).ToList();

        try
        {
            Assert.InRange(OpenFiles.Count()!.Value - before!.Value, 50, 150);
            Assert.True(OpenFiles.Limit() > OpenFiles.Count());
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    ConnectionLimit New(int most) => new(most, _time, () => _files, () => _limit);

    static int Enter(ConnectionLimit limit, int callers) => Enumerable.Range(0, callers).Count(_ => limit.TryEnter());

    sealed class MovableTicks : TimeProvider
    {
        long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
