namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Times in microseconds: as the file holds them, since the year 1970, and by the stopwatch.</summary>
sealed class Clock(TimeProvider time)
{
    public long Now => Of(time.GetUtcNow().UtcDateTime);

    /// <summary>Gets what the stopwatch shows. What is due within this process goes by it: the clock may be set.</summary>
    public long Elapsed => Of(time.Monotonic());

    public static long Of(DateTime moment) => (moment.ToUniversalTime() - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Of(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTime ToDateTime(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
