namespace Maestro.Bus.Scheduling;

/// <summary>Says when a schedule runs and what it sends.</summary>
public sealed class ScheduleBuilder<TMessage>
    where TMessage : class
{
    internal ScheduleBuilder(string name, string origin) =>
        Declaration = new Declaration { Name = name, Origin = origin, MessageType = typeof(TMessage) };

    internal Declaration Declaration { get; }

    ScheduleSettings Settings => Declaration.Settings;

    /// <summary>
    /// Runs by a cron expression: five fields as in crontab, or six with seconds first; <c>L</c>, <c>W</c>, <c>#</c> and <c>@daily</c> are
    /// understood.
    /// </summary>
    public ScheduleBuilder<TMessage> Cron(string expression) => Set(() => (Settings.Cron, Settings.Interval) = (expression, null));

    /// <summary>
    /// Runs every so often, in whole seconds, counted from <see cref="Between"/>'s beginning or else from midnight of 1970-01-01: every
    /// five minutes is at 0, 5, 10 and so on.
    /// </summary>
    public ScheduleBuilder<TMessage> Every(TimeSpan interval) => Set(() => (Settings.Interval, Settings.Cron) = (interval, null));

    /// <summary>Reads the cron expression and the exclusions by the clocks of a time zone. Without it, by universal time.</summary>
    /// <param name="timeZone">An IANA name, such as <c>Europe/Berlin</c>.</param>
    public ScheduleBuilder<TMessage> InTimeZone(string timeZone) => Set(() => Settings.TimeZone = timeZone);

    /// <summary>Says what happens when clocks change.</summary>
    public ScheduleBuilder<TMessage> OnDaylightSaving(DaylightSavingRule rule) => Set(() => Settings.DaylightSaving = rule);

    /// <summary>
    /// Leaves out days and times: <c>Sunday</c>, <c>2026-12-24</c>, <c>12-25</c>, <c>2026-12-24..2027-01-02</c>, <c>22:00-06:00</c>, or a
    /// calendar of <c>Bus:Scheduling:Calendars</c>.
    /// </summary>
    public ScheduleBuilder<TMessage> Except(params IEnumerable<string> exclusions) =>
        Set(() => Settings.Except = [.. Settings.Except, .. exclusions]);

    /// <summary>Delivers each message up to so much later, at random.</summary>
    public ScheduleBuilder<TMessage> WithJitter(TimeSpan longest) => Set(() => Settings.Jitter = longest);

    /// <summary>Runs within a time only.</summary>
    public ScheduleBuilder<TMessage> Between(DateTimeOffset? start, DateTimeOffset? end) =>
        Set(() => (Settings.Start, Settings.End) = (start, end));

    /// <summary>Says what becomes of runs that were missed.</summary>
    public ScheduleBuilder<TMessage> OnMisfire(MisfirePolicy policy) => Set(() => Settings.Misfire = policy);

    /// <summary>Says what becomes of a run that is due while an earlier one has not ended.</summary>
    public ScheduleBuilder<TMessage> OnOverlap(OverlapRule rule) => Set(() => Settings.Overlap = rule);

    /// <summary>Says what it is for.</summary>
    public ScheduleBuilder<TMessage> Described(string description) => Set(() => Settings.Description = description);

    /// <summary>Sends on behalf of a tenant.</summary>
    public ScheduleBuilder<TMessage> ForTenant(string tenantId) => Set(() => Settings.Tenant = tenantId);

    /// <summary>
    /// Sends to one queue instead of publishing: one of this host, or that of another program, written as <c>queue:orders</c>.
    /// </summary>
    public ScheduleBuilder<TMessage> SendTo(string queue) => Set(() => Settings.Queue = queue);

    /// <summary>
    /// The message that each run sends; one that a domain has a job consumer for starts a job. When the run is due, the receiver reads from
    /// its headers (<see cref="ScheduleHeaders"/>).
    /// </summary>
    public ScheduleBuilder<TMessage> Message(TMessage message) => Set(() => Declaration.Message = message);

    ScheduleBuilder<TMessage> Set(Action set)
    {
        set();
        return this;
    }
}
