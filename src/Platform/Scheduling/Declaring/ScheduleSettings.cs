using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// The settings of a schedule, <c>Bus:Schedules:{name}</c>. They go over what a domain declares under the same name; one that no domain
/// declares needs <see cref="Message"/>, too.
/// </summary>
public sealed class ScheduleSettings : IValidatableObject
{
    static readonly TimeSpan LongestInterval = TimeSpan.FromDays(366);

    /// <summary>Off, the schedule is as if nobody had declared it.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>What it is for.</summary>
    [MaxLength(500, ErrorMessage = "Use 500 characters at most.")]
    public string? Description { get; set; }

    /// <summary>
    /// A cron expression of five fields, or of six with seconds first: 0 and 7 are Sunday, 1 is Monday. With a seventh field for the
    /// year, 1 is Sunday, as in Quartz. Either this
    /// or <see cref="Interval"/>.
    /// </summary>
    public string? Cron { get; set; }

    /// <summary>
    /// The time between two runs, in whole seconds, counted from <see cref="Start"/> or else from midnight of 1970-01-01.
    /// </summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>The time zone's IANA name.</summary>
    /// <value>The default is <c>UTC</c>.</value>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>What it does when clocks change.</summary>
    /// <value>The default is <see cref="DaylightSavingRule.Adjust"/>.</value>
    public DaylightSavingRule DaylightSaving { get; set; }

    /// <summary>
    /// Days and times without runs, such as <c>Sunday</c>, <c>2026-12-24</c>, <c>12-25</c>, <c>2026-12-24..2027-01-02</c>,
    /// <c>22:00-06:00</c>, or a calendar's name.
    /// </summary>
    public IList<string> Except { get; set; } = [];

    /// <summary>
    /// Up to how much later, at random, a run's message is delivered, so that schedules of one time do not all come at once.
    /// </summary>
    /// <value>The default is none.</value>
    public TimeSpan Jitter { get; set; }

    /// <summary>When the schedule begins, such as <c>2026-11-24T09:00:00+01:00</c>; without a time zone it is universal time.</summary>
    public DateTimeOffset? Start { get; set; }

    /// <summary>When it ends, in the same form; a run at that moment still counts.</summary>
    public DateTimeOffset? End { get; set; }

    /// <summary>What becomes of runs that were missed.</summary>
    /// <value>The default is <see cref="MisfirePolicy.FireOnce"/>.</value>
    public MisfirePolicy Misfire { get; set; }

    /// <summary>What becomes of a run that is due while an earlier one has not ended.</summary>
    /// <value>The default is <see cref="OverlapRule.Queue"/>.</value>
    public OverlapRule Overlap { get; set; }

    /// <summary>The tenant of its messages.</summary>
    /// <value>The default is <c>Bus:DefaultTenant</c>.</value>
    public string? Tenant { get; set; }

    /// <summary>
    /// The queue of this host that its messages are sent to, or that of another program, written as <c>queue:orders</c>; without one they
    /// are published.
    /// </summary>
    public string? Queue { get; set; }

    /// <summary>The message's type, with its namespace, of a schedule that no domain declares.</summary>
    public string? Message { get; set; }

    /// <summary>The message as JSON.</summary>
    public string? Payload { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Interval is { } interval
            && (interval < TimeSpan.FromSeconds(1) || interval > LongestInterval || interval.Ticks % TimeSpan.TicksPerSecond != 0))
            yield return new ValidationResult("Use whole seconds, from 1s to 366d.", [nameof(Interval)]);

        if (Cron is not null && Problem(Cron) is { } problem)
            yield return new ValidationResult(
                $"{problem.TrimEnd('.')}. Use five fields (minute hour day month weekday), such as 0 2 * * 1-5, or six with seconds first, "
                    + "such as 0 0 2 * * 1-5.", [nameof(Cron)]);

        if (!TimeZones.TryFind(TimeZone, out _))
            yield return new ValidationResult(
                "This machine knows no such time zone. Use an IANA name, such as Europe/Berlin.", [nameof(TimeZone)]);

        if (Jitter < TimeSpan.Zero || Jitter > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 0s to 1d.", [nameof(Jitter)]);

        if (End <= Start)
            yield return new ValidationResult("Use a time after Start.", [nameof(End)]);

        if (Tenant is not null && !TenantHeader.IsValid(Tenant))
            yield return new ValidationResult(
                "Use 1 to 64 letters, digits, dots, underscores or dashes, beginning with a letter or digit.", [nameof(Tenant)]);
    }

    static string? Problem(string expression)
    {
        try
        {
            return Scheduling.Cron.Parse(expression).Occurs ? null : "It never comes";
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }
}
