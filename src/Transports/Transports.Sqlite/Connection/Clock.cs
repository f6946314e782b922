namespace MaestroBus.Transports.Sqlite;

/// <summary>Times as the file holds them: microseconds since the year 1970.</summary>
sealed class Clock(TimeProvider time)
{
    public long Now => Of(time.GetUtcNow().UtcDateTime);

    public static long Of(DateTime moment) => (moment.ToUniversalTime() - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Of(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTime ToDateTime(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
