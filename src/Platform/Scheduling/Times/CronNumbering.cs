namespace Maestro.Bus.Scheduling;

/// <summary>How a cron expression numbers the days of the week.</summary>
enum CronNumbering
{
    /// <summary>0 and 7 are Sunday, 1 is Monday.</summary>
    Crontab,

    /// <summary>1 is Sunday, 7 is Saturday.</summary>
    Quartz,
}
