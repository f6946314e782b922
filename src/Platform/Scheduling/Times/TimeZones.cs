namespace Maestro.Bus.Scheduling;

/// <summary>Finds time zones by their IANA names.</summary>
static class TimeZones
{
    public static bool TryFind(string id, out TimeZoneInfo zone)
    {
        // The name of a machine's own zone may be no IANA name.
        zone = TimeZoneInfo.Local;
        if (id == zone.Id)
            return true;

        zone = TimeZoneInfo.Utc;
        return !string.IsNullOrWhiteSpace(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out zone!);
    }

    /// <exception cref="TimeZoneNotFoundException">This machine does not know it.</exception>
    public static TimeZoneInfo Find(string id) =>
        TryFind(id, out var zone) ? zone : throw new TimeZoneNotFoundException(
            $"There is no time zone '{id}' on this machine. Use an IANA name, such as Europe/Berlin.");
}
