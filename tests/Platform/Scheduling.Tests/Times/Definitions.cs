namespace Maestro.Bus.Scheduling.Tests;

/// <summary>Schedules that send nothing.</summary>
static class Definitions
{
    public static ScheduleDefinition Of(ScheduleSettings settings) => new()
    {
        Name = "test",
        Cron = settings.Cron,
        Interval = settings.Interval,
        TimeZone = settings.TimeZone,
        DaylightSaving = settings.DaylightSaving,
        Except = [.. settings.Except],
        Jitter = settings.Jitter,
        Start = settings.Start,
        End = settings.End,
        Misfire = settings.Misfire,
        MessageType = "Tick",
        Message = new StoredMessage { Destination = new Uri("queue:nowhere"), Body = "", ContentType = "", Types = [] },
    };
}
