namespace Maestro.Bus.Scheduling;

/// <summary>What a cron schedule does on the days when clocks change. Intervals count real time and know no such days.</summary>
public enum DaylightSavingRule
{
    /// <summary>
    /// Nothing is lost: a time that the clocks jump over runs once, when they have jumped. A fixed time in the hour that comes twice runs
    /// in the first pass, and a schedule that repeats within it (<c>0 0/15 * * * ?</c>) in both.
    /// </summary>
    Adjust,

    /// <summary>
    /// Only times that the clocks show, and each once: what the clocks jump over does not run on that day, and nothing runs in the second
    /// pass of the hour that comes twice.
    /// </summary>
    Strict,
}
