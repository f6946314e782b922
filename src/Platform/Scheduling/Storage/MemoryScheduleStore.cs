using System.Collections.Concurrent;

namespace Maestro.Bus.Scheduling;

/// <summary>Keeps the schedules in the process. Each process runs all of them for itself.</summary>
sealed class MemoryScheduleStore(IServiceProvider services, SchedulingSettings settings, ScheduleMetrics metrics, TimeProvider time)
    : IScheduleStore
{
    // The bus is made with observers that know this store.
    readonly Lazy<IBus> _bus = new(services.GetRequiredService<IBus>);

    readonly Lock _lock = new();
    readonly Dictionary<string, Entry> _schedules = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<Guid, (DateTimeOffset Due, StoredMessage Message)> _messages = [];
    readonly ConcurrentDictionary<Guid, DateTimeOffset> _cancelled = [];

    public Task<Reconciled> Reconcile(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken)
    {
        var definitions = declared.SelectMany(own => own.Definitions).ToList();
        lock (_lock)
        {
            foreach (var definition in definitions)
                _schedules[definition.Name] = new Entry(definition, isDeclared: true, time.GetUtcNow());
        }

        return Task.FromResult(new Reconciled { All = definitions, Changed = [.. definitions.Select(definition => definition.Name)] });
    }

    public Task<bool> Renew(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task Leave(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Put(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        lock (_lock)
            _schedules[definition.Name] = new Entry(definition, isDeclared: false, time.GetUtcNow());

        return Task.CompletedTask;
    }

    public Task<bool> Delete(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_schedules.Remove(name));
    }

    public Task<StoredSchedule?> Find(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_schedules.GetValueOrDefault(name)?.Stored);
    }

    public Task<IReadOnlyList<StoredSchedule>> List(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<StoredSchedule>>(
                [.. _schedules.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Stored)]);
    }

    public Task<bool> Pause(string name, bool isPaused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_schedules.TryGetValue(name, out var entry))
                return Task.FromResult(false);

            if (entry.IsPaused && !isPaused)
                entry.Watermark = entry.Watermark.Begin(time.GetUtcNow());
            entry.IsPaused = isPaused;
            return Task.FromResult(true);
        }
    }

    public async Task<DateTimeOffset?> Fire(string name, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (true)
        {
            Entry? entry;
            List<Occurrence> due;
            DateTimeOffset doneUntil;
            DateTimeOffset? next;
            lock (_lock)
            {
                // Whoever fires it at this moment sets its next alarm.
                if (!_schedules.TryGetValue(name, out entry) || entry.IsInHand)
                    return null;

                if (!entry.IsPaused)
                    entry.Look(time.GetUtcNow(), until, settings.MisfireThreshold);
                var timetable = new Timetable(entry.Definition);
                if (entry.IsPaused || until <= entry.DoneUntil)
                    return timetable.Next(until > entry.DoneUntil ? until : entry.DoneUntil);

                (var occurrences, doneUntil) = Due.Of(entry.Definition, entry.DoneUntil, until, settings.MisfireThreshold);
                due = [.. occurrences.Select(occurrence =>
                    new Occurrence(entry.Definition, occurrence, IsManual: false, entry.Watermark.Corrections))];
                next = timetable.Next(doneUntil);
                entry.IsInHand = true;
            }

            try
            {
                // What cannot be sent stays due, and so does all that comes after it.
                foreach (var occurrence in due)
                {
                    await Send(entry, occurrence, cancellationToken);
                    Reach(entry, occurrence.ScheduledAt);
                }

                Reach(entry, doneUntil);
            }
            finally
            {
                lock (_lock)
                    entry.IsInHand = false;
            }

            if (due.Count < Due.Most)
                return next;
        }
    }

    public async Task<ScheduleRun?> Trigger(string name, CancellationToken cancellationToken)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_schedules.TryGetValue(name, out entry))
                return null;
        }

        return await Send(entry, new Occurrence(entry.Definition, time.GetUtcNow(), IsManual: true), cancellationToken);
    }

    public Task<IReadOnlyList<ScheduleRun>> History(string name, int take, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<ScheduleRun>>(
                _schedules.TryGetValue(name, out var entry) ? [.. entry.Runs.AsEnumerable().Reverse().Take(take)] : []);
    }

    public Task Finish(RunOutcome outcome, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var runs in _schedules.Values.Select(entry => entry.Runs))
            {
                if (runs.FindLastIndex(run => run.Id == outcome.Id) is >= 0 and var index)
                    runs[index] = runs[index] with
                    {
                        State = outcome.IsSuccess ? RunState.Succeeded : RunState.Failed,
                        Attempts = runs[index].Attempts + 1,
                        FinishedAt = time.GetUtcNow(),
                        Duration = outcome.Duration,
                        HandledBy = outcome.HandledBy,
                        Error = outcome.Error,
                    };
            }
        }

        return Task.CompletedTask;
    }

    public Task<bool> Keep(Guid token, DateTimeOffset due, StoredMessage message, CancellationToken cancellationToken)
    {
        if (_cancelled.ContainsKey(token))
            return Task.FromResult(false);

        _messages[token] = (due, message);
        return Task.FromResult(true);
    }

    public async Task FireMessage(Guid token, CancellationToken cancellationToken)
    {
        if (!_messages.TryRemove(token, out var kept) || _cancelled.ContainsKey(token))
            return;

        try
        {
            await new StoredMessagePipe(kept.Message, time).SendTo(_bus.Value, cancellationToken);
        }
        catch (Exception)
        {
            // It is still due, unless it has been cancelled or scheduled anew meanwhile.
            _messages.TryAdd(token, kept);
            throw;
        }
    }

    public Task Cancel(Guid token, CancellationToken cancellationToken)
    {
        if (!_messages.TryRemove(token, out _))
            _cancelled[token] = time.GetUtcNow();

        return Task.CompletedTask;
    }

    public Task<bool> IsCancelled(Guid token, CancellationToken cancellationToken) => Task.FromResult(_cancelled.ContainsKey(token));

    public Task<Overdue> FindOverdue(DateTimeOffset before, int schedules, int messages, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(new Overdue(
                [.. _schedules.Values.Where(entry => !entry.IsPaused && entry.IsOverdue(before, time.GetUtcNow()))
                    .Select(entry => entry.Definition.Name).Skip(schedules)],
                [.. _messages.Where(pair => pair.Value.Due < before).Select(pair => pair.Key).Skip(messages)],
                IsFull: false));
    }

    public Task<IReadOnlyList<string>> Clean(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        lock (_lock)
        {
            foreach (var entry in _schedules.Values)
                entry.Runs.RemoveAll(run => run.FiredAt < now - settings.HistoryRetention);
        }

        // What waited in the transport has come by then.
        foreach (var token in _cancelled.Where(pair => pair.Value < now - settings.TransportDelay - TimeSpan.FromHours(1))
            .Select(pair => pair.Key))
            _cancelled.TryRemove(token, out _);

        return Task.FromResult<IReadOnlyList<string>>([]);
    }

    // The consumer may have ended before the send returns, so that the run is noted before it.
    async Task<ScheduleRun> Send(Entry entry, Occurrence occurrence, CancellationToken cancellationToken)
    {
        bool isSkipped;
        ScheduleRun run;
        lock (_lock)
        {
            isSkipped = !occurrence.IsManual && entry.IsBusy(time.GetUtcNow() - settings.LongestRun);
            run = entry.Note(occurrence, time.GetUtcNow(), settings.HistoryRuns, isSkipped);
        }

        try
        {
            if (!isSkipped)
                await occurrence.Pipe(time).SendTo(_bus.Value, cancellationToken);
        }
        catch (Exception)
        {
            lock (_lock)
                entry.Runs.RemoveAll(noted => noted.Id == run.Id);
            throw;
        }

        if (!occurrence.IsManual)
            metrics.Fired(occurrence, time.GetUtcNow(), isSkipped);
        return run;
    }

    // It may have been resumed or put back meanwhile.
    void Reach(Entry entry, DateTimeOffset doneUntil)
    {
        lock (_lock)
        {
            if (doneUntil > entry.DoneUntil)
                entry.DoneUntil = doneUntil;
        }
    }

    sealed class Entry(ScheduleDefinition definition, bool isDeclared, DateTimeOffset now)
    {
        public ScheduleDefinition Definition => definition;

        public bool IsPaused { get; set; }

        /// <summary>Gets or sets whether its messages are being sent.</summary>
        public bool IsInHand { get; set; }

        public Watermark Watermark { get; set; } = new(now, 0, null, null);

        public DateTimeOffset DoneUntil
        {
            get => Watermark.DoneUntil;
            set => Watermark = Watermark with { DoneUntil = value };
        }

        public List<ScheduleRun> Runs { get; } = [];

        public StoredSchedule Stored => new(definition, isDeclared, IsPaused, Watermark);

        public bool IsOverdue(DateTimeOffset before, DateTimeOffset now)
        {
            try
            {
                return Watermark.IsAhead(now) || new Timetable(definition).Next(DoneUntil) < before;
            }
            catch (Exception exception) when (Timetable.IsProblem(exception))
            {
                // The attempt to fire it says why, and the others go on.
                return true;
            }
        }

        /// <summary>Sees whether the clock was wrong.</summary>
        public void Look(DateTimeOffset now, DateTimeOffset until, TimeSpan threshold)
        {
            if (Watermark.IsAhead(now))
            {
                Watermark = Watermark.PutBack(now,
                    Runs.Where(run => !run.IsManual && run.ScheduledAt <= now).Max(run => (DateTimeOffset?)run.ScheduledAt), threshold);
                for (var index = 0; index < Runs.Count; index++)
                    Runs[index] = Runs[index] with { FiredAt = Runs[index].FiredAt > now ? now : Runs[index].FiredAt };
            }

            Watermark = Watermark.Reach(until, Due.IsMissing(new Timetable(definition), DoneUntil, until - threshold));
        }

        /// <summary>Whether one that is due now is left out.</summary>
        public bool IsBusy(DateTimeOffset earliest) =>
            definition.Overlap == OverlapRule.Skip && Runs.Exists(run => run.State == RunState.Sent && run.FiredAt > earliest);

        public ScheduleRun Note(Occurrence occurrence, DateTimeOffset firedAt, int most, bool isSkipped = false)
        {
            var run = new ScheduleRun(
                occurrence.Id, definition.Name, occurrence.ScheduledAt, firedAt, occurrence.IsManual, Instance.Name,
                isSkipped ? RunState.Skipped : RunState.Sent, 0, null, null, null,
                isSkipped ? Occurrence.IsOverlapping : null);
            Runs.Add(run);
            if (Runs.Count > most)
                Runs.RemoveAt(0);
            return run;
        }
    }
}
