namespace MaestroBus.Analytics;

/// <summary>Whole hours of universal time.</summary>
static class Hours
{
    public static DateTimeOffset Floor(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    public static DateTimeOffset Ceiling(DateTimeOffset time) =>
        time > DateTimeOffset.MaxValue - TimeSpan.FromHours(1)
            ? DateTimeOffset.MaxValue
            : Floor(time + TimeSpan.FromTicks(TimeSpan.TicksPerHour - 1));
}
