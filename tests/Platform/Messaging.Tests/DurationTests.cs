namespace Maestro.Bus.Messaging.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("5s", 5)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("30d", 2_592_000)]
    [InlineData("00:00:05", 5)]
    public void Durations_are_read_as_people_write_them(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("250ms")]
    [InlineData("0s")]
    [InlineData("90s")]
    [InlineData("5m")]
    [InlineData("25h")]
    [InlineData("30d")]
    [InlineData("00:00:00.0005000")]
    public void Durations_are_written_as_people_write_them(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(text, Duration.Format(duration));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("five seconds")]
    [InlineData("99999999999999d")]
    public void What_may_be_misread_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));
}
