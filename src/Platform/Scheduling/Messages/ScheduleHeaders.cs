using System.Globalization;

namespace Maestro.Bus.Scheduling;

/// <summary>What the messages of a schedule's runs say about the run.</summary>
public static class ScheduleHeaders
{
    /// <summary>The schedule's name.</summary>
    public const string Schedule = ScheduledRun.ScheduleHeader;

    /// <summary>The run's id.</summary>
    public const string Run = ScheduledRun.RunHeader;

    /// <summary>When the run was due, in universal time.</summary>
    public const string ScheduledAt = ScheduledRun.TimeHeader;

    /// <summary>When the run that this message belongs to was due; none for a message of no schedule.</summary>
    public static DateTimeOffset? ScheduledAtOf(MessageContext context) =>
        DateTimeOffset.TryParse(context.Headers.Get<string>(ScheduledAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var time) ? time : null;
}
