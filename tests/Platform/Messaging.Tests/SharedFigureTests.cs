namespace Maestro.Bus.Messaging.Tests;

/// <summary>A figure that all processes share ends where it is not known any more.</summary>
public sealed class SharedFigureTests
{
    readonly Stopwatches _time = new();
    readonly Reporter _reporter = new();

    [Fact]
    public void It_ends_after_three_measurements_without_an_answer_and_comes_back_with_the_next()
    {
        var figure = new SharedFigure<string>(_reporter, _time);
        Assert.Null(figure.Current);

        figure.Set("17");
        _time.Pass(TimeSpan.FromSeconds(14));
        Assert.Equal("17", figure.Current);

        _time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(figure.Current);

        figure.Set("18");
        Assert.Equal("18", figure.Current);
    }

    [Fact]
    public void It_ends_three_times_later_where_it_is_measured_less_often()
    {
        var figure = new SharedFigure<string>(_reporter, _time, TimeSpan.FromMinutes(1));

        figure.Set("17");
        _time.Pass(TimeSpan.FromSeconds(179));
        Assert.Equal("17", figure.Current);

        _time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(figure.Current);
    }

    [Fact]
    public void It_ends_at_once_where_another_process_reports_and_for_a_process_that_shares_nothing()
    {
        var figure = new SharedFigure<string>(_reporter, _time);
        var alone = new SharedFigure<string>(null, _time);

        figure.Set("17");
        alone.Set("17");
        _reporter.IsReporting = false;

        Assert.Null(figure.Current);
        Assert.Null(alone.Current);
    }

    sealed class Reporter : ISharedReporter
    {
        public bool IsReporting { get; set; } = true;
    }
}
