namespace Maestro.Bus.Scheduling;

/// <summary>
/// Keeps the schedules, the messages that are due later, and the history. What fires is sent together with what is written about it, once.
/// </summary>
interface IScheduleStore
{
    /// <summary>
    /// Brings what each owner has declared in line with what it declares now, in one step for all hosts. Gives the schedules whose alarms
    /// are to be set.
    /// </summary>
    Task<Reconciled> Reconcile(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken);

    /// <summary>
    /// Tells other hosts that this one lives, and whether the declarations that this one has given way to are nobody's any more, so that it
    /// is time to reconcile again.
    /// </summary>
    Task<bool> Renew(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken);

    /// <summary>Tells other hosts that this one ends.</summary>
    Task Leave(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken);

    /// <summary>Keeps a schedule that was made at run time, in place of one of the same name.</summary>
    Task Put(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>Forgets a schedule, and whether there was one.</summary>
    Task<bool> Delete(string name, CancellationToken cancellationToken);

    Task<StoredSchedule?> Find(string name, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredSchedule>> List(CancellationToken cancellationToken);

    /// <summary>Pauses or resumes a schedule, and whether there is one. What was due while it was paused does not run.</summary>
    Task<bool> Pause(string name, bool isPaused, CancellationToken cancellationToken);

    /// <summary>Sends what is due of a schedule up to a time. Returns when it runs next; null if it does not, or does not exist.</summary>
    Task<DateTimeOffset?> Fire(string name, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Runs a schedule at once, beside its times; none where there is no such schedule.</summary>
    Task<ScheduleRun?> Trigger(string name, CancellationToken cancellationToken);

    /// <summary>The newest runs of a schedule, the newest first.</summary>
    Task<IReadOnlyList<ScheduleRun>> History(string name, int take, CancellationToken cancellationToken);

    /// <summary>Notes how a run's message was handled.</summary>
    Task Finish(RunOutcome outcome, CancellationToken cancellationToken);

    /// <summary>Keeps a message until it is due, unless it has been cancelled already.</summary>
    Task<bool> Keep(Guid token, DateTimeOffset due, StoredMessage message, CancellationToken cancellationToken);

    /// <summary>Sends a message that is due, once.</summary>
    Task FireMessage(Guid token, CancellationToken cancellationToken);

    /// <summary>Takes a scheduled message back, wherever it waits.</summary>
    Task Cancel(Guid token, CancellationToken cancellationToken);

    /// <summary>Whether a message that has come was taken back.</summary>
    Task<bool> IsCancelled(Guid token, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the earliest of what should have been fired some time ago, and has not; also schedules that have run into the future by a
    /// clock that was ahead.
    /// </summary>
    /// <param name="before">When it was due at the latest.</param>
    /// <param name="schedules">How many of the earliest schedules are left out.</param>
    /// <param name="messages">How many of the earliest messages are left out.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    Task<Overdue> FindOverdue(DateTimeOffset before, int schedules, int messages, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets old runs and cancellations, and the schedules of owners that no host has had for long. Gives the names of those.
    /// </summary>
    Task<IReadOnlyList<string>> Clean(CancellationToken cancellationToken);
}

/// <summary>What a reconciliation has changed.</summary>
sealed record Reconciled
{
    public required IReadOnlyList<ScheduleDefinition> All { get; init; }

    public IReadOnlyList<string> Changed { get; init; } = [];

    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>The owners whose newer version runs in another host.</summary>
    public IReadOnlyList<string> GaveWay { get; init; } = [];

    /// <summary>The schedules whose names belong to another owner, which runs in another host.</summary>
    public IReadOnlyList<string> Taken { get; init; } = [];
}

/// <summary>Schedules and messages that were not fired in time.</summary>
/// <param name="Schedules">The schedules' names.</param>
/// <param name="Messages">The messages' tokens.</param>
/// <param name="IsFull">Whether there may be more of them.</param>
sealed record Overdue(IReadOnlyList<string> Schedules, IReadOnlyList<Guid> Messages, bool IsFull);

/// <summary>A schedule and its state.</summary>
sealed record StoredSchedule(ScheduleDefinition Definition, bool IsDeclared, bool IsPaused, Watermark Watermark);

/// <summary>How a run's message was handled.</summary>
sealed record RunOutcome(Guid Id, bool IsSuccess, TimeSpan Duration, string HandledBy, string? Error);
