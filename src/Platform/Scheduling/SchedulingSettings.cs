using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Scheduling;

/// <summary>The settings of the section <c>Bus:Scheduling</c>.</summary>
public sealed class SchedulingSettings : IValidatableObject
{
    internal const string Section = "Scheduling";

    /// <summary>Where schedules and far-off messages are kept.</summary>
    /// <value>The default is <see cref="ScheduleStoreKind.Database"/>.</value>
    public ScheduleStoreKind Store { get; set; }

    /// <summary>Whether this process runs schedules. Others that share the database do so nevertheless.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Run { get; set; } = true;

    /// <summary>The longest delay that a message spends in the transport; one that is due later is kept in the store until then.</summary>
    /// <value>The default is 1 day.</value>
    public TimeSpan TransportDelay { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How late a run may be and still run as if it were not; what is later is for the schedule's misfire policy.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan MisfireThreshold { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many runs are sent at a time by one process.</summary>
    /// <value>The default is 10.</value>
    [Range(1, 200, ErrorMessage = "Use a whole number from 1 to 200.")]
    public int Concurrency { get; set; } = 10;

    /// <summary>How often it is looked for what a process that died has left undone.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a run that has not ended keeps those after it from running, where its schedule leaves them out meanwhile.
    /// </summary>
    /// <value>The default is 1 day.</value>
    public TimeSpan LongestRun { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many runs of each schedule are remembered.</summary>
    /// <value>The default is 1000.</value>
    [Range(10, 100_000, ErrorMessage = "Use a whole number from 10 to 100000.")]
    public int HistoryRuns { get; set; } = 1_000;

    /// <summary>How long runs are remembered.</summary>
    /// <value>The default is 30 days.</value>
    public TimeSpan HistoryRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Calendars of days and times without runs, by name; schedules name them among their own exclusions.</summary>
    public IDictionary<string, IList<string>> Calendars { get; set; } = new Dictionary<string, IList<string>>(
        StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a host that says nothing counts as alive.</summary>
    internal TimeSpan AliveFor => TimeSpan.FromSeconds(Math.Max(30, SweepInterval.TotalSeconds * 3));

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (TransportDelay < TimeSpan.FromSeconds(1) || TransportDelay > TimeSpan.FromDays(49))
            yield return new ValidationResult("Use a duration from 1s to 49d.", [nameof(TransportDelay)]);

        if (MisfireThreshold < TimeSpan.FromSeconds(1) || MisfireThreshold > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 1s to 1d.", [nameof(MisfireThreshold)]);

        if (SweepInterval < TimeSpan.FromSeconds(1) || SweepInterval > TimeSpan.FromMinutes(10))
            yield return new ValidationResult("Use a duration from 1s to 10m.", [nameof(SweepInterval)]);

        if (LongestRun < TimeSpan.FromSeconds(1) || LongestRun > TimeSpan.FromDays(366))
            yield return new ValidationResult("Use a duration from 1s to 366d.", [nameof(LongestRun)]);

        if (HistoryRetention < TimeSpan.FromHours(1) || HistoryRetention > TimeSpan.FromDays(3650))
            yield return new ValidationResult("Use a duration from 1h to 3650d.", [nameof(HistoryRetention)]);

        foreach (var (name, entries) in Calendars)
        {
            foreach (var entry in entries.Where(entry => Exclusion.Parse(entry) is null))
                yield return new ValidationResult($"The calendar {name} has '{entry}'. Use {Exclusion.Forms}.", [nameof(Calendars)]);
        }
    }
}

/// <summary>Where schedules can be kept.</summary>
public enum ScheduleStoreKind
{
    /// <summary>In the database that <c>Bus:Database</c> names.</summary>
    Database,

    /// <summary>In the process: what was not declared is gone with it, and each process runs all the schedules.</summary>
    Memory,
}
